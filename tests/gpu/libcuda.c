// A stand-in for the driver's library: it has the functions that streamlib calls, checks what they are given, and notes
// them. Streams do at once what they are given, in main memory; kernels are noted and not run.
//
// It shows in which order and with what the driver is called. It shows nothing about a card.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int R;
typedef unsigned long long Address;
enum { OK = 0, INVALID = 1, NO_CONTEXT = 201, INVALID_PTX = 218, BAD_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600, UNKNOWN = 999 };
enum Kind { MEMORY = 1, PINNED, STREAM, EVENT, MODULE, FUNCTION, GRAPH, EXEC, CONTEXT, KINDS };

struct Thing {
    enum Kind kind;
    int number;
    char *bytes;
    size_t len;
    int captured, is_recorded; // of a stream: -1, or how many calls it has captured
    char name[64];
    struct Thing *next;
};

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct Thing *things;
static int live[KINDS], numbers[KINDS];
static char notes[1 << 20], seen[1 << 20], failing[64];
static int capability = 75, is_held;
static size_t noted;
static __thread void *current;

static void note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&lock);
    if (noted < sizeof notes - 256) noted += vsnprintf(notes + noted, 255, format, arguments);
    pthread_mutex_unlock(&lock);
    va_end(arguments);
}

static struct Thing *make(enum Kind kind, size_t len) {
    struct Thing *made = calloc(1, sizeof *made);
    made->kind = kind;
    made->captured = -1;
    made->len = len;
    if (kind == MEMORY || kind == PINNED) made->bytes = aligned_alloc(256, (len + 255) / 256 * 256);
    pthread_mutex_lock(&lock);
    made->number = numbers[kind]++;
    live[kind]++;
    made->next = things;
    things = made;
    pthread_mutex_unlock(&lock);
    return made;
}

// The thing itself, if it is there and of that kind.
static struct Thing *find(const void *wanted, enum Kind kind) {
    struct Thing *found = NULL;
    pthread_mutex_lock(&lock);
    for (struct Thing *thing = things; thing; thing = thing->next)
        if (thing == wanted && thing->kind == kind) found = thing;
    pthread_mutex_unlock(&lock);
    return found;
}

// The memory that has all of these bytes.
static struct Thing *holding(const void *bytes, size_t len, enum Kind kind) {
    struct Thing *found = NULL;
    pthread_mutex_lock(&lock);
    for (struct Thing *thing = things; thing; thing = thing->next)
        if (thing->kind == kind && (char *)bytes >= thing->bytes && (char *)bytes + len <= thing->bytes + thing->len) found = thing;
    pthread_mutex_unlock(&lock);
    return found;
}

static R drop(struct Thing *dropped) {
    if (!dropped) return BAD_HANDLE;
    pthread_mutex_lock(&lock);
    struct Thing **place = &things;
    while (*place != dropped) place = &(*place)->next;
    *place = dropped->next;
    live[dropped->kind]--;
    pthread_mutex_unlock(&lock);
    free(dropped->bytes);
    free(dropped);
    return OK;
}

// What every call in a context begins with.
#define HERE(name)                                             \
    do {                                                       \
        if (!current) return NO_CONTEXT;                       \
        if (!strcmp(failing, name)) return UNKNOWN;            \
        if (*failing == '*') return UNKNOWN; /* the context */ \
    } while (0)

// What tests ask.
const char *stub_notes(void) { pthread_mutex_lock(&lock); strcpy(seen, notes); pthread_mutex_unlock(&lock); return seen; }
void stub_forget(void) { pthread_mutex_lock(&lock); noted = 0; notes[0] = 0; pthread_mutex_unlock(&lock); }
int stub_live(void) { int sum = 0; for (int kind = 1; kind < CONTEXT; kind++) if (kind != FUNCTION) sum += live[kind]; return sum; }
void stub_fail(const char *name) { snprintf(failing, sizeof failing, "%s", name); } // "*": all of them, and nobody is called back
void stub_capability(int of) { capability = of; }

R cuInit(unsigned flags) { (void)flags; return OK; }
R cuDeviceGetCount(int *count) { *count = 1; return OK; }
R cuDeviceGet(int *device, int ordinal) { *device = ordinal; return ordinal ? 101 : OK; }
R cuDeviceGetName(char *name, int len, int device) { (void)device; snprintf(name, len, "Stand-in"); return OK; }
R cuDeviceGetAttribute(int *value, int attribute, int device) { (void)device; *value = attribute == 75 ? capability / 10 : capability % 10; return OK; }
R cuDevicePrimaryCtxRetain(void **context, int device) { (void)device; *context = make(CONTEXT, 0); return OK; }
R cuDevicePrimaryCtxRelease_v2(int device) { (void)device; note("close\n"); return OK; }
R cuCtxSetCurrent(void *context) { current = context; return find(context, CONTEXT) ? OK : NO_CONTEXT; }
R cuGetErrorString(R error, const char **text) { *text = error == UNKNOWN ? "unknown error" : error == INVALID ? "invalid argument" : error == INVALID_PTX ? "a PTX JIT compilation failed" : "an error"; return OK; }
R cuGetErrorName(R error, const char **text) { *text = error == UNKNOWN ? "CUDA_ERROR_UNKNOWN" : error == INVALID ? "CUDA_ERROR_INVALID_VALUE" : error == INVALID_PTX ? "CUDA_ERROR_INVALID_PTX" : "CUDA_ERROR"; return OK; }

R cuMemAlloc_v2(Address *to, size_t len) { HERE("cuMemAlloc_v2"); struct Thing *made = make(MEMORY, len); *to = (Address)made->bytes; note("allocate\n"); return OK; }
R cuMemFree_v2(Address address) { HERE("cuMemFree_v2"); note("free\n"); return drop(holding((void *)address, 0, MEMORY)); }
R cuMemHostAlloc(void **to, size_t len, unsigned flags) { HERE("cuMemHostAlloc"); (void)flags; *to = make(PINNED, len)->bytes; note("pin\n"); return OK; }
R cuMemFreeHost(void *bytes) { HERE("cuMemFreeHost"); note("unpin\n"); return drop(holding(bytes, 0, PINNED)); }

R cuStreamCreate(void **to, unsigned flags) { HERE("cuStreamCreate"); *to = make(STREAM, 0); return flags == 1 ? OK : INVALID; }
R cuStreamDestroy_v2(void *stream) { HERE("cuStreamDestroy_v2"); return drop(find(stream, STREAM)); }
R cuEventCreate(void **to, unsigned flags) { HERE("cuEventCreate"); *to = make(EVENT, 0); return flags == 3 ? OK : INVALID; }
R cuEventDestroy_v2(void *event) { HERE("cuEventDestroy_v2"); return drop(find(event, EVENT)); }
R cuEventRecord(void *event, void *stream) {
    HERE("cuEventRecord");
    struct Thing *recorded = find(event, EVENT), *at = find(stream, STREAM);
    if (!recorded || !at || at->captured >= 0) return BAD_HANDLE;
    recorded->is_recorded = 1;
    note("record %d in %d\n", recorded->number, at->number);
    return OK;
}
R cuStreamWaitEvent(void *stream, void *event, unsigned flags) {
    HERE("cuStreamWaitEvent");
    struct Thing *waited = find(event, EVENT), *at = find(stream, STREAM);
    if (!waited || !at || flags || at->captured >= 0) return BAD_HANDLE;
    if (!waited->is_recorded) return INVALID; // CUDA lets it pass; streamlib never does it
    note("wait for %d in %d\n", waited->number, at->number);
    return OK;
}
R cuEventQuery(void *event) { HERE("cuEventQuery"); return find(event, EVENT) ? OK : BAD_HANDLE; }
R cuEventSynchronize(void *event) { HERE("cuEventSynchronize"); note("synchronize\n"); return find(event, EVENT) ? OK : BAD_HANDLE; }

static R put(void *stream, const char *what) {
    struct Thing *at = find(stream, STREAM);
    if (!at) return BAD_HANDLE;
    if (at->captured >= 0) at->captured++;
    note("%s%s in %d\n", at->captured >= 0 ? "capture " : "", what, at->number);
    return OK;
}
R cuMemcpyDtoDAsync_v2(Address to, Address from, size_t len, void *stream) {
    HERE("cuMemcpyDtoDAsync_v2");
    if (!holding((void *)to, len, MEMORY) || !holding((void *)from, len, MEMORY)) return INVALID;
    memcpy((void *)to, (void *)from, len);
    return put(stream, "copy");
}
R cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t len, void *stream) {
    HERE("cuMemcpyHtoDAsync_v2");
    if (!holding((void *)to, len, MEMORY) || !holding(from, len, PINNED)) return INVALID; // pageable memory would make it wait
    memcpy((void *)to, from, len);
    return put(stream, "upload");
}
R cuMemcpyDtoHAsync_v2(void *to, Address from, size_t len, void *stream) {
    HERE("cuMemcpyDtoHAsync_v2");
    if (!holding((void *)from, len, MEMORY) || !holding(to, len, PINNED)) return INVALID;
    memcpy(to, (void *)from, len);
    return put(stream, "download");
}

// What it says about PTX that it refuses: as a driver does, into the memory that options 5 and 6 tell it of.
static void say(unsigned count, const int *options, void **values, const char *format, ...) {
    char *to = NULL;
    size_t len = 0;
    for (unsigned at = 0; at < count; at++) {
        if (options[at] == 5) to = values[at];
        if (options[at] == 6) len = (size_t)values[at];
    }
    if (!to || !len) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(to, len, format, arguments);
    va_end(arguments);
}
R cuModuleLoadDataEx(void **to, const void *image, unsigned count, int *options, void **values) {
    HERE("cuModuleLoadDataEx");
    struct Thing *module = make(MODULE, 0);
    *to = module;
    if (memcmp(image, "\x7f" "ELF", 4)) {
        module->len = strlen(image) + 1;
        module->bytes = strdup(image);
        note("load ptx\n");
        if (!strstr(image, ".version")) {
            say(count, options, values, "ptxas application ptx input, line 1; fatal   : Missing .version directive at start of file 'application ptx input'\n"
                                        "ptxas fatal   : Ptx assembly aborted due to errors\n");
            return INVALID_PTX;
        }
        const char *unknown = strstr(image, "bogus");
        if (!unknown) return OK;
        int line = 1;
        for (const char *at = image; at < unknown; at++) line += *at == '\n';
        say(count, options, values, "ptxas application ptx input, line %d; error   : Not a name of any known instruction: 'bogus'\n"
                                    "ptxas fatal   : Ptx assembly aborted due to errors\n", line);
        return INVALID_PTX;
    }
    // A cubin is as long as its last table reaches.
    const unsigned char *at = image;
    unsigned long long sections, programs;
    unsigned short lens[4];
    memcpy(&programs, at + 0x20, 8);
    memcpy(&sections, at + 0x28, 8);
    memcpy(lens, at + 0x36, 8);
    size_t ends[2] = {programs + (size_t)lens[0] * lens[1], sections + (size_t)lens[2] * lens[3]};
    module->len = ends[0] > ends[1] ? ends[0] : ends[1];
    module->bytes = memcpy(malloc(module->len), image, module->len);
    note("load cubin\n");
    return at[48] == capability ? OK : INVALID; // for another card
}
R cuModuleUnload(void *module) { HERE("cuModuleUnload"); return drop(find(module, MODULE)); }
R cuModuleGetFunction(void **to, void *module, const char *name) {
    HERE("cuModuleGetFunction");
    char entry[96], section[96];
    snprintf(entry, sizeof entry, ".entry %s(", name);
    snprintf(section, sizeof section, ".text.%s", name);
    struct Thing *from = find(module, MODULE);
    if (!from) return NOT_FOUND;
    if (!memmem(from->bytes, from->len, entry, strlen(entry)) && !memmem(from->bytes, from->len, section, strlen(section) + 1)) return NOT_FOUND;
    struct Thing *function = make(FUNCTION, 0);
    snprintf(function->name, sizeof function->name, "%s", name);
    *to = function;
    return OK;
}
R cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                 void *stream, void **arguments, void **extra) {
    HERE("cuLaunchKernel");
    struct Thing *kernel = find(function, FUNCTION);
    if (!kernel || extra || shared || !arguments || !gx || !gy || !gz || bx * by * bz > 1024) return INVALID;
    char what[160];
    snprintf(what, sizeof what, "launch %s <%u %u %u, %u %u %u>", kernel->name, gx, gy, gz, bx, by, bz);
    return put(stream, what);
}

struct Call { void (*function)(void *); void *data; };
static struct Call held[64];
static int held_count;
static void *call(void *given) {
    struct Call called = *(struct Call *)given;
    free(given);
    called.function(called.data);
    return NULL;
}
static R start(void (*function)(void *), void *data) {
    struct Call *called = malloc(sizeof *called);
    *called = (struct Call){function, data};
    pthread_t thread;
    if (pthread_create(&thread, NULL, call, called)) return UNKNOWN;
    pthread_detach(thread);
    return OK;
}
// The card hangs, or goes on: calls nobody back meanwhile, and is not done with any stream.
void stub_hold(int hold) {
    pthread_mutex_lock(&lock);
    is_held = hold;
    for (; !hold && held_count; held_count--) start(held[held_count - 1].function, held[held_count - 1].data);
    pthread_mutex_unlock(&lock);
}
R cuStreamQuery(void *stream) { HERE("cuStreamQuery"); return !find(stream, STREAM) ? BAD_HANDLE : is_held ? NOT_READY : OK; }
R cuLaunchHostFunc(void *stream, void (*function)(void *), void *data) {
    HERE("cuLaunchHostFunc");
    pthread_mutex_lock(&lock);
    R taken = is_held ? OK : start(function, data);
    if (is_held && held_count < 64) held[held_count++] = (struct Call){function, data};
    pthread_mutex_unlock(&lock);
    return taken ? taken : put(stream, "notify");
}

R cuStreamBeginCapture_v2(void *stream, int mode) {
    HERE("cuStreamBeginCapture_v2");
    struct Thing *at = find(stream, STREAM);
    if (!at || mode != 1 || at->captured >= 0) return BAD_HANDLE;
    at->captured = 0;
    return OK;
}
R cuStreamEndCapture(void *stream, void **to) {
    HERE("cuStreamEndCapture");
    struct Thing *at = find(stream, STREAM);
    if (!at || at->captured < 0) return BAD_HANDLE;
    struct Thing *graph = make(GRAPH, at->captured);
    at->captured = -1;
    *to = graph;
    return OK;
}
R cuGraphInstantiateWithFlags(void **to, void *graph, unsigned long long flags) {
    HERE("cuGraphInstantiateWithFlags");
    struct Thing *from = find(graph, GRAPH);
    if (!from || flags) return BAD_HANDLE;
    *to = make(EXEC, from->len);
    return OK;
}
R cuGraphLaunch(void *graph, void *stream) {
    HERE("cuGraphLaunch");
    struct Thing *run = find(graph, EXEC);
    if (!run) return BAD_HANDLE;
    char what[64];
    snprintf(what, sizeof what, "replay of %zu", run->len);
    return put(stream, what);
}
R cuGraphExecDestroy(void *graph) { HERE("cuGraphExecDestroy"); return drop(find(graph, EXEC)); }
R cuGraphDestroy(void *graph) { HERE("cuGraphDestroy"); return drop(find(graph, GRAPH)); }
