// From one format, matrix and range to another. A thread makes two columns of two rows, which share their colour in 4:2:0.

typedef unsigned char u8;

enum Format { RGB, RGBA, BGRA, NV12, UYVY };

struct Side {
    u8 *planes[2];
    int strides[2]; // bytes
    int format;
};

// out = rows · (in − zero_in) + zero_out, limited.
struct Matrix {
    float rows[9];
    float zero_in[3], zero_out[3];
    float low, high;
};

struct Sample {
    float a, b, c;
    u8 alpha;
};

static __device__ bool has_luma(int format) { return format >= NV12; }

// The samples of a pixel: red, green, blue, or luma and the colour differences that stand for it.
static __device__ Sample load(const Side &from, int x, int y) {
    const u8 *row = from.planes[0] + (size_t)y * from.strides[0];
    switch (from.format) {
    case RGB: return {(float)row[3 * x], (float)row[3 * x + 1], (float)row[3 * x + 2], 255};
    case RGBA: {
        uchar4 pixel = ((const uchar4 *)row)[x];
        return {(float)pixel.x, (float)pixel.y, (float)pixel.z, pixel.w};
    }
    case BGRA: {
        uchar4 pixel = ((const uchar4 *)row)[x];
        return {(float)pixel.z, (float)pixel.y, (float)pixel.x, pixel.w};
    }
    case NV12: {
        const u8 *chroma = from.planes[1] + (size_t)(y / 2) * from.strides[1] + x / 2 * 2;
        return {(float)row[x], (float)chroma[0], (float)chroma[1], 255};
    }
    default: {
        uchar4 pair = ((const uchar4 *)row)[x / 2];
        return {(float)(x % 2 ? pair.w : pair.y), (float)pair.x, (float)pair.z, 255};
    }
    }
}

static __device__ float changed(const Matrix &matrix, int row, const Sample &sample) {
    const float *by = matrix.rows + 3 * row;
    return by[0] * (sample.a - matrix.zero_in[0]) + by[1] * (sample.b - matrix.zero_in[1]) +
           by[2] * (sample.c - matrix.zero_in[2]) + matrix.zero_out[row];
}

static __device__ u8 code(const Matrix &matrix, float level) {
    return (u8)(fminf(fmaxf(level, matrix.low), matrix.high) + 0.5f);
}

extern "C" __global__ void convert(Side from, Side to, Matrix matrix, int width, int height) {
    int left = 2 * (blockIdx.x * blockDim.x + threadIdx.x);
    int top = 2 * (blockIdx.y * blockDim.y + threadIdx.y);
    if (left >= width || top >= height) return;
    float sums[2][2] = {{0.0f, 0.0f}, {0.0f, 0.0f}}; // of both rows, the two colour differences
    for (int j = 0; j < 2; j++) {
        // A column or row that has no neighbour counts twice.
        int y = min(top + j, height - 1);
        u8 *row = to.planes[0] + (size_t)y * to.strides[0];
        u8 lumas[2];
        for (int i = 0; i < 2; i++) {
            int x = min(left + i, width - 1);
            Sample sample = load(from, x, y);
            u8 first = code(matrix, changed(matrix, 0, sample));
            if (has_luma(to.format)) {
                lumas[i] = first;
                sums[j][0] += changed(matrix, 1, sample);
                sums[j][1] += changed(matrix, 2, sample);
                continue;
            }
            u8 second = code(matrix, changed(matrix, 1, sample)), third = code(matrix, changed(matrix, 2, sample));
            if (to.format == RGB) {
                row[3 * x] = first;
                row[3 * x + 1] = second;
                row[3 * x + 2] = third;
            } else {
                uchar4 pixel = to.format == RGBA ? make_uchar4(first, second, third, sample.alpha)
                                                 : make_uchar4(third, second, first, sample.alpha);
                ((uchar4 *)row)[x] = pixel;
            }
        }
        if (to.format == NV12) {
            row[left] = lumas[0];
            if (left + 1 < width) row[left + 1] = lumas[1];
        } else if (to.format == UYVY) {
            uchar4 pair = make_uchar4(code(matrix, sums[j][0] / 2.0f), lumas[0], code(matrix, sums[j][1] / 2.0f), lumas[1]);
            ((uchar4 *)row)[left / 2] = pair;
        }
    }
    if (to.format == NV12) {
        u8 *chroma = to.planes[1] + (size_t)(top / 2) * to.strides[1] + left;
        chroma[0] = code(matrix, (sums[0][0] + sums[1][0]) / 4.0f);
        chroma[1] = code(matrix, (sums[0][1] + sums[1][1]) / 4.0f);
    }
}
