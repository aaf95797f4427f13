// Layers over each other, in one pass: each is read once, and the result is written once. A thread makes four pixels.

typedef unsigned char u8;

enum Order { RGB, RGBA, BGRA };
enum Blend { OVER, ADD, MULTIPLY, SCREEN };

struct Layer {
    const u8 *pixels;
    int stride; // bytes
    int order;
    // Where it lies on the picture.
    int x, y, width, height;
    // How much of the scaled part is cut off before that.
    int left, top;
    // The part of its own picture that is shown.
    int part_x, part_y, part_width, part_height;
    // How large that is shown.
    int wide, high;
    int blend;
    // How much it hides of what is under it, and how much of its light comes through.
    float cover, light;
};

#define MOST 16

struct Stack {
    Layer layers[MOST];
    int count;
    // Whether it is laid on what is in the picture already.
    int onto;
    // Levels from 0 to 255, in the first row and in the last.
    int background_top[3], background_bottom[3];
};

struct Color {
    float r, g, b, a;
};

static __device__ bool covers(const Layer &layer, int x, int y) {
    return x >= layer.x && x < layer.x + layer.width && y >= layer.y && y < layer.y + layer.height;
}

// Whether nothing of what is under it can be seen.
static __device__ bool hides(const Layer &layer) {
    return layer.blend == OVER && layer.order == RGB && layer.cover >= 1.0f;
}

// A pixel of the layer's own picture, 0 to 1.
static __device__ Color fetch(const Layer &layer, int x, int y) {
    const u8 *row = layer.pixels + (size_t)y * layer.stride;
    const float unit = 1.0f / 255.0f;
    if (layer.order == RGB) {
        const u8 *pixel = row + 3 * x;
        return {pixel[0] * unit, pixel[1] * unit, pixel[2] * unit, 1.0f};
    }
    uchar4 pixel = ((const uchar4 *)row)[x];
    Color color = {pixel.x * unit, pixel.y * unit, pixel.z * unit, pixel.w * unit};
    if (layer.order == BGRA) {
        float blue = color.r;
        color.r = color.b;
        color.b = blue;
    }
    return color;
}

// Of `from` samples that become `to`: which count for sample `at`, and by a triangle of what width around where.
struct Taps {
    int first, last;
    float centre, stretch;
};

static __device__ Taps taps(int at, int from, int to) {
    if (from == to) return {at, at, (float)at, 1.0f};
    float ratio = (float)from / (float)to;
    float stretch = fmaxf(ratio, 1.0f);
    float centre = (at + 0.5f) * ratio - 0.5f;
    int first = min(max((int)floorf(centre - stretch) + 1, 0), from - 1);
    int last = min(max((int)ceilf(centre + stretch) - 1, first), from - 1);
    return {first, last, centre, stretch};
}

static __device__ float weight(const Taps &taps, int at) {
    return fmaxf(1.0f - fabsf((at - taps.centre) / taps.stretch), 0.0f);
}

// The layer where it lies on pixel x, y of the picture: scaled, colours weighed by their alpha.
static __device__ Color sample(const Layer &layer, int x, int y) {
    int column = x - layer.x + layer.left, row = y - layer.y + layer.top;
    if (layer.part_width == layer.wide && layer.part_height == layer.high)
        return fetch(layer, layer.part_x + column, layer.part_y + row);
    Taps across = taps(column, layer.part_width, layer.wide), down = taps(row, layer.part_height, layer.high);
    float sum = 0.0f;
    Color color = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int j = down.first; j <= down.last; j++) {
        for (int i = across.first; i <= across.last; i++) {
            float share = weight(down, j) * weight(across, i);
            Color pixel = fetch(layer, layer.part_x + i, layer.part_y + j);
            float seen = share * pixel.a;
            color.r += pixel.r * seen;
            color.g += pixel.g * seen;
            color.b += pixel.b * seen;
            color.a += seen;
            sum += share;
        }
    }
    float seen = color.a > 0.0f ? 1.0f / color.a : 0.0f;
    return {color.r * seen, color.g * seen, color.b * seen, color.a / sum};
}

static __device__ float lay(int blend, float below, float above, float cover, float light) {
    switch (blend) {
    case ADD: return fminf(below + above * light, 1.0f);
    case MULTIPLY: return below * (1.0f - cover) + below * above * light;
    case SCREEN: return below + above * (1.0f - below) * light;
    default: return above * light + below * (1.0f - cover);
    }
}

// A level of the background, in 1/256 of a level, as the processor rounds it.
static __device__ float background(const Stack &stack, int channel, int y, int height) {
    int last = max(height - 1, 1);
    int down = min(y, last);
    unsigned top = stack.background_top[channel] << 8, bottom = stack.background_bottom[channel] << 8;
    unsigned level = (top * (last - down) + bottom * down + last / 2) / last;
    return level / 65280.0f;
}

static __device__ u8 rounded(float level) { return (u8)(fminf(fmaxf(level, 0.0f), 1.0f) * 255.0f + 0.5f); }

static __device__ void compose_pixel(uchar4 *picture, int width, int height, int x, int y, const Stack &stack) {
    int lowest = 0;
    for (int index = stack.count - 1; index > 0; index--) {
        if (hides(stack.layers[index]) && covers(stack.layers[index], x, y)) {
            lowest = index;
            break;
        }
    }
    Color below;
    if (stack.onto) {
        uchar4 pixel = picture[(size_t)y * width + x];
        below = {pixel.x / 255.0f, pixel.y / 255.0f, pixel.z / 255.0f, 1.0f};
    } else {
        below = {background(stack, 0, y, height), background(stack, 1, y, height), background(stack, 2, y, height), 1.0f};
    }
    for (int index = lowest; index < stack.count; index++) {
        const Layer &layer = stack.layers[index];
        if (!covers(layer, x, y)) continue;
        Color above = sample(layer, x, y);
        float cover = above.a * layer.cover, light = above.a * layer.light;
        below.r = lay(layer.blend, below.r, above.r, cover, light);
        below.g = lay(layer.blend, below.g, above.g, cover, light);
        below.b = lay(layer.blend, below.b, above.b, cover, light);
    }
    picture[(size_t)y * width + x] = make_uchar4(rounded(below.r), rounded(below.g), rounded(below.b), 255);
}

extern "C" __global__ void compose(uchar4 *picture, int width, int height, Stack stack) {
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    int x = blockIdx.x * blockDim.x * 4 + threadIdx.x;
    if (y >= height) return;
#pragma unroll
    for (int part = 0; part < 4; part++, x += blockDim.x)
        if (x < width) compose_pixel(picture, width, height, x, y, stack);
}
