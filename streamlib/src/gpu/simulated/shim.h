// What kernels of CUDA find in CUDA, for a C++ compiler: enough for kernels whose threads do not wait for each other.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__
#define __restrict__
#define __launch_bounds__(...)
#define __constant__ static const

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
struct uchar2 { unsigned char x, y; };
struct alignas(4) uchar4 { unsigned char x, y, z, w; };
struct int2 { int x, y; };
struct uint2 { unsigned x, y; };
struct float2 { float x, y; };
struct float3 { float x, y, z; };
struct alignas(16) float4 { float x, y, z, w; };
static inline uchar2 make_uchar2(unsigned char x, unsigned char y) { return {x, y}; }
static inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) { return {x, y, z, w}; }
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

static thread_local uint3 blockIdx, threadIdx;
static thread_local dim3 gridDim, blockDim;

template <class T> static inline T min(T a, T b) { return b < a ? b : a; }
template <class T> static inline T max(T a, T b) { return a < b ? b : a; }
template <class T> static inline T __ldg(const T *from) { return *from; }
static inline float __saturatef(float a) { return a < 0 ? 0 : a > 1 ? 1 : a; }
static inline int __float2int_rn(float a) { return (int)std::nearbyintf(a); }

namespace streamlib {
template <class... A, std::size_t... I>
static void call(void (*kernel)(A...), void **arguments, std::index_sequence<I...>) {
    kernel(*reinterpret_cast<A *>(arguments[I])...);
}

// Runs the blocks from number `first` up to `last`, thread after thread.
template <class... A>
static void run(void (*kernel)(A...), const unsigned *extents, std::size_t first, std::size_t last, void **arguments) {
    gridDim = {extents[0], extents[1], extents[2]};
    blockDim = {extents[3], extents[4], extents[5]};
    for (std::size_t block = first; block < last; block++) {
        blockIdx.x = block % gridDim.x;
        blockIdx.y = block / gridDim.x % gridDim.y;
        blockIdx.z = block / gridDim.x / gridDim.y;
        for (threadIdx.z = 0; threadIdx.z < blockDim.z; threadIdx.z++)
            for (threadIdx.y = 0; threadIdx.y < blockDim.y; threadIdx.y++)
                for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++)
                    call(kernel, arguments, std::index_sequence_for<A...>());
    }
}

// How many parameters a kernel has, and how long each is.
template <class... A> static unsigned sizes(void (*)(A...), unsigned *to, unsigned most) {
    const unsigned all[] = {0, (unsigned)sizeof(A)...};
    for (unsigned at = 0; at < sizeof...(A) && at < most; at++) to[at] = all[at + 1];
    return sizeof...(A);
}
} // namespace streamlib
