// What streamlib gives to kernels that safe code starts: `#include "streamlib.h"`.
#ifndef STREAMLIB_H
#define STREAMLIB_H

// Memory of so many elements.
template <class T> struct Slice {
    T *data;
    unsigned long long len;
};

// A picture that a kernel reads. Planes that its format has not are null; strides are in bytes.
struct Picture {
    const unsigned char *planes[3];
    int strides[3];
    int width, height;
};

// A picture that a kernel fills.
struct Target {
    unsigned char *planes[3];
    int strides[3];
    int width, height;
};

#endif
