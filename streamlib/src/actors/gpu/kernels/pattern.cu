// Test patterns that move, in RGBA. A thread paints a pixel.

typedef unsigned char u8;
typedef unsigned long long u64;

// A white square on black.
extern "C" __global__ void moving_box(uchar4 *picture, int width, int height, int left, int top, int side) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    bool inside = x >= left && x < left + side && y >= top && y < top + side;
    u8 level = inside ? 255 : 0;
    picture[(size_t)y * width + x] = make_uchar4(level, level, level, 255);
}

// SplitMix64, by Steele, Lea and Flood: the number that the generator gives after `count` others.
static __device__ u64 random(u64 seed, u64 count) {
    u64 mixed = seed + (count + 1) * 0x9e3779b97f4a7c15ull;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebull;
    return mixed ^ mixed >> 31;
}

// Grey noise. Eight pixels share a number; each row begins with a new one.
extern "C" __global__ void noise(uchar4 *picture, int width, int height, u64 frame) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    u64 row = (u64)y * ((width + 7) / 8);
    u8 level = (u8)(random(frame, row + x / 8) >> 8 * (x % 8));
    picture[(size_t)y * width + x] = make_uchar4(level, level, level, 255);
}
