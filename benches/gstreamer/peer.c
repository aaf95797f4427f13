/* GStreamer's side of the comparison: prints one measurement as a line of JSON.
 *
 *   peer cost PIPELINE               microseconds a frame, wall and CPU, and frames a second, from the first frame at the
 *                                    element named "sink" to its last
 *   peer first PIPELINE              microseconds of CPU of the first frame of the element named "source": from when it
 *                                    asks for memory to when the frame is at the element named "sink"
 *   peer hop COUNT                   microseconds that one identity adds to a buffer of 64 bytes
 *   peer latency QUEUES PERIOD COUNT microseconds from source to sink through so many leaky queues,
 *                                    COUNT buffers of 64 bytes, one every PERIOD microseconds
 *   peer jitter RATE COUNT           microseconds between a frame's interval and the period, at the pad of
 *                                    a live source of COUNT frames, RATE as in 60000/1001
 *   peer pictures RATE COUNT         the same at a sink behind a queue, of a live source that draws 1080p
 *   peer chain PIPELINE              microseconds from when a frame is due to when the element named "sink" has
 *                                    shown it, and of CPU a frame, once a tenth of the frames has passed; and how many
 *                                    of 100 frames that are due at 60 a second it has shown
 *
 * `cargo xtask compare` compiles it against libgstreamer1.0-dev into target/.
 */
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static gint64 now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (gint64)t.tv_sec * 1000000000 + t.tv_nsec;
}

static GstElement *parse(const char *description)
{
    GError *error = NULL;
    GstElement *pipeline = gst_parse_launch(description, &error);
    if (error != NULL) {
        fprintf(stderr, "%s: %s\n", description, error->message);
        exit(1);
    }
    return pipeline;
}

static void add_probe(GstElement *pipeline, const char *element, const char *pad,
                      GstPadProbeType type, GstPadProbeCallback callback, gpointer data)
{
    GstElement *found = gst_bin_get_by_name(GST_BIN(pipeline), element);
    GstPad *at = found != NULL ? gst_element_get_static_pad(found, pad) : NULL;
    if (at == NULL) {
        fprintf(stderr, "no element %s with a pad %s\n", element, pad);
        exit(1);
    }
    gst_pad_add_probe(at, type, callback, data, NULL);
    gst_object_unref(at);
    gst_object_unref(found);
}

/* Plays to the end of the stream. */
static void play(GstElement *pipeline)
{
    GstBus *bus = gst_element_get_bus(pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstMessage *message = gst_bus_timed_pop_filtered(
        bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError *error = NULL;
        gst_message_parse_error(message, &error, NULL);
        fprintf(stderr, "%s\n", error->message);
        exit(1);
    }
    gst_message_unref(message);
    gst_object_unref(bus);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
}

/* What is known of the frames at the sink. A clock's reading costs as much as a small hop, so only
 * the first and the last frame read it. */
struct arrivals {
    gint64 last; /* the number of the last frame; -1: read the clocks at every one */
    gint64 frames;
    gint64 first_wall, first_cpu, last_wall, last_cpu;
};

static GstPadProbeReturn arrived(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    struct arrivals *a = data;
    gint64 number = a->frames++;
    if (number == 0) {
        a->first_wall = now_ns(CLOCK_MONOTONIC);
        a->first_cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    }
    if (number == a->last || a->last < 0) {
        a->last_wall = now_ns(CLOCK_MONOTONIC);
        a->last_cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    }
    return GST_PAD_PROBE_OK;
}

static struct arrivals measure(const char *description, gint64 last)
{
    struct arrivals a = { .last = last };
    GstElement *pipeline = parse(description);
    add_probe(pipeline, "sink", "sink", GST_PAD_PROBE_TYPE_BUFFER, arrived, &a);
    play(pipeline);
    if (a.frames < 2) {
        fprintf(stderr, "%s: only %" G_GINT64_FORMAT " frames came\n", description, a.frames);
        exit(1);
    }
    return a;
}

static void cost(const char *description)
{
    struct arrivals a = measure(description, -1);
    double frames = (double)(a.frames - 1);
    double wall_us = (double)(a.last_wall - a.first_wall) / frames / 1e3;
    printf("{\"wall_us\": %.4f, \"fps\": %.4f, \"cpu_us\": %.4f, \"frames\": %" G_GINT64_FORMAT "}\n",
           wall_us, 1e6 / wall_us, (double)(a.last_cpu - a.first_cpu) / frames / 1e3, a.frames);
}

/* Before a source makes its first frame, it asks what is behind it for memory. */
static GstPadProbeReturn asks(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    gint64 *asked = data;
    if (GST_QUERY_TYPE(GST_PAD_PROBE_INFO_QUERY(info)) == GST_QUERY_ALLOCATION && *asked == 0)
        *asked = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    return GST_PAD_PROBE_OK;
}

static void first(const char *description)
{
    gint64 asked = 0;
    struct arrivals a = { .last = 0 };
    GstElement *pipeline = parse(description);
    add_probe(pipeline, "source", "src", GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, asks, &asked);
    add_probe(pipeline, "sink", "sink", GST_PAD_PROBE_TYPE_BUFFER, arrived, &a);
    play(pipeline);
    if (asked == 0 || a.frames == 0) {
        fprintf(stderr, "%s: no memory was asked for, or no frame came\n", description);
        exit(1);
    }
    printf("{\"cpu_us\": %.4f}\n", (double)(a.first_cpu - asked) / 1e3);
}

static double chain(int identities, gint64 count)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text,
                    "fakesrc num-buffers=%" G_GINT64_FORMAT
                    " sizetype=fixed sizemax=64 filltype=nothing signal-handoffs=false",
                    count);
    for (int i = 0; i < identities; i++)
        g_string_append(text, " ! identity signal-handoffs=false silent=true");
    g_string_append(text, " ! fakesink name=sink sync=false");
    struct arrivals a = measure(text->str, count - 1);
    g_string_free(text, TRUE);
    return (double)(a.last_wall - a.first_wall) / (double)(count - 1) / 1e3;
}

static void hop(gint64 count)
{
    const int identities = 20;
    double none = chain(0, count);
    printf("{\"us\": %.5f}\n", (chain(identities, count) - none) / identities);
}

/* When each buffer left the source and reached the sink. */
struct journey {
    gint64 begin, period, count;
    gint64 departed;
    gint64 *left, *reached;
};

static GstPadProbeReturn leaving(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    struct journey *j = data;
    gint64 number = j->departed++;
    if (number >= j->count)
        return GST_PAD_PROBE_DROP;
    GST_BUFFER_OFFSET(GST_PAD_PROBE_INFO_BUFFER(info)) = (guint64)number; /* fakesrc counts bytes */
    gint64 due = j->begin + number * j->period;
    struct timespec until = { due / 1000000000, due % 1000000000 };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    j->left[number] = now_ns(CLOCK_MONOTONIC);
    return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn reaching(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    struct journey *j = data;
    guint64 number = GST_BUFFER_OFFSET(GST_PAD_PROBE_INFO_BUFFER(info));
    if (number < (guint64)j->count)
        j->reached[number] = now_ns(CLOCK_MONOTONIC);
    return GST_PAD_PROBE_OK;
}

static int ascending(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

static void latency(int queues, gint64 period_us, gint64 count)
{
    struct journey j = { .period = period_us * 1000, .count = count };
    j.left = calloc((size_t)count, sizeof *j.left);
    j.reached = calloc((size_t)count, sizeof *j.reached);
    GString *text = g_string_new(NULL);
    g_string_printf(text,
                    "fakesrc name=source num-buffers=%" G_GINT64_FORMAT
                    " sizetype=fixed sizemax=64 filltype=nothing signal-handoffs=false",
                    count);
    for (int i = 0; i < queues; i++)
        g_string_append(text, " ! queue max-size-buffers=3 max-size-bytes=0 max-size-time=0"
                              " leaky=downstream");
    g_string_append(text, " ! fakesink name=sink sync=false");
    GstElement *pipeline = parse(text->str);
    add_probe(pipeline, "source", "src", GST_PAD_PROBE_TYPE_BUFFER, leaving, &j);
    add_probe(pipeline, "sink", "sink", GST_PAD_PROBE_TYPE_BUFFER, reaching, &j);
    j.begin = now_ns(CLOCK_MONOTONIC) + 100000000;
    play(pipeline);

    gint64 *took = calloc((size_t)count, sizeof *took);
    gint64 arrived = 0;
    for (gint64 i = count / 10; i < count; i++) /* the first tenth warms up */
        if (j.reached[i] != 0)
            took[arrived++] = j.reached[i] - j.left[i];
    if (arrived == 0) {
        fprintf(stderr, "no buffer reached the sink\n");
        exit(1);
    }
    qsort(took, (size_t)arrived, sizeof *took, ascending);
    printf("{\"p50_us\": %.2f, \"p99_us\": %.2f, \"lost\": %" G_GINT64_FORMAT "}\n",
           (double)took[arrived / 2] / 1e3, (double)took[arrived * 99 / 100] / 1e3,
           count - count / 10 - arrived);
}

/* When each frame left the live source. */
struct beats {
    gint64 seen, count;
    gint64 *came;
};

static GstPadProbeReturn beat(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    struct beats *b = data;
    if (b->seen < b->count)
        b->came[b->seen++] = now_ns(CLOCK_MONOTONIC);
    return GST_PAD_PROBE_OK;
}

static void jitter(const char *rate, gint64 count, gboolean drawn)
{
    gint64 numerator = 0, denominator = 0;
    if (sscanf(rate, "%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, &numerator, &denominator) != 2
        || numerator <= 0 || denominator <= 0 || count < 20) {
        fprintf(stderr, "expected a rate like 60000/1001 and 20 frames or more\n");
        exit(1);
    }
    struct beats b = { .count = count };
    b.came = calloc((size_t)count, sizeof *b.came);
    /* A small picture in black, so that it is the clock that is measured; or one that takes some drawing. */
    gchar *text = g_strdup_printf(
        "videotestsrc name=source is-live=true pattern=%s num-buffers=%" G_GINT64_FORMAT
        " ! video/x-raw,format=%s,framerate=%s ! %sfakesink name=sink sync=false",
        drawn ? "ball" : "black", count,
        drawn ? "RGB,width=1920,height=1080" : "GRAY8,width=16,height=16", rate,
        drawn ? "queue ! " : "");
    GstElement *pipeline = parse(text);
    g_free(text);
    add_probe(pipeline, drawn ? "sink" : "source", drawn ? "sink" : "src",
              GST_PAD_PROBE_TYPE_BUFFER, beat, &b);
    play(pipeline);

    gint64 *off = calloc((size_t)count, sizeof *off);
    gint64 first = 1 + count / 10, kept = 0; /* the first tenth warms up */
    gint64 period = 1000000000 * denominator / numerator;
    for (gint64 i = first; i < b.seen; i++)
        off[kept++] = llabs(b.came[i] - b.came[i - 1] - period);
    if (kept == 0) {
        fprintf(stderr, "no frames came\n");
        exit(1);
    }
    qsort(off, (size_t)kept, sizeof *off, ascending);
    double p50 = (double)off[kept / 2] / 1e3, p99 = (double)off[kept * 99 / 100] / 1e3;
    printf("{\"p50_us\": %.3f, \"p99_us\": %.3f, \"p999_us\": %.3f, \"max_us\": %.3f, "
           "\"spread_us\": %.3f}\n",
           p50, p99, (double)off[kept * 999 / 1000] / 1e3, (double)off[kept - 1] / 1e3, p99 - p50);
}

/* When frames were shown, after they were due. */
struct shown {
    GstPadChainFunction show;
    GstElement *pipeline;
    gint64 seen;
    gint64 late[20000];
    gint64 cpu[20000];
    gint64 due[20000];
};

static struct shown shown;

/* The sink's own function, which returns when the X server has the picture. */
static GstFlowReturn show(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    GstClockTime due = gst_element_get_base_time(shown.pipeline) + GST_BUFFER_PTS(buffer);
    GstFlowReturn result = shown.show(pad, parent, buffer);
    if (shown.seen < 20000) {
        shown.due[shown.seen] = (gint64)due;
        shown.late[shown.seen] = now_ns(CLOCK_MONOTONIC) - (gint64)due;
        shown.cpu[shown.seen++] = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    }
    return result;
}

static void chain_to_the_screen(const char *description)
{
    GstElement *pipeline = shown.pipeline = parse(description);
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    GstPad *pad = sink != NULL ? gst_element_get_static_pad(sink, "sink") : NULL;
    if (pad == NULL) {
        fprintf(stderr, "no element sink\n");
        exit(1);
    }
    shown.show = GST_PAD_CHAINFUNC(pad);
    gst_pad_set_chain_function(pad, show);
    play(pipeline);

    gint64 first = shown.seen / 10, kept = shown.seen - first; /* the first tenth warms up */
    if (kept < 2) {
        fprintf(stderr, "only %" G_GINT64_FORMAT " frames came\n", shown.seen);
        exit(1);
    }
    double cpu = (double)(shown.cpu[shown.seen - 1] - shown.cpu[first]) / (double)(kept - 1) / 1e3;
    double due = (double)(shown.due[shown.seen - 1] - shown.due[first]) * 60 / 1e9;
    gint64 *late = shown.late + first;
    qsort(late, (size_t)kept, sizeof *late, ascending);
    printf("{\"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, \"shown\": %" G_GINT64_FORMAT
           ", \"shown_percent\": %.2f, \"cpu_us\": %.2f}\n",
           (double)late[kept / 2] / 1e3, (double)late[kept * 99 / 100] / 1e3,
           (double)late[kept * 999 / 1000] / 1e3, shown.seen, (double)(kept - 1) / due * 100, cpu);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (argc == 3 && strcmp(argv[1], "cost") == 0)
        cost(argv[2]);
    else if (argc == 3 && strcmp(argv[1], "first") == 0)
        first(argv[2]);
    else if (argc == 3 && strcmp(argv[1], "hop") == 0)
        hop(atoll(argv[2]));
    else if (argc == 5 && strcmp(argv[1], "latency") == 0)
        latency(atoi(argv[2]), atoll(argv[3]), atoll(argv[4]));
    else if (argc == 3 && strcmp(argv[1], "chain") == 0)
        chain_to_the_screen(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "jitter") == 0)
        jitter(argv[2], atoll(argv[3]), FALSE);
    else if (argc == 4 && strcmp(argv[1], "pictures") == 0)
        jitter(argv[2], atoll(argv[3]), TRUE);
    else {
        fprintf(stderr, "expected: cost PIPELINE | first PIPELINE | hop COUNT | latency QUEUES PERIOD_US COUNT"
                        " | jitter RATE COUNT | pictures RATE COUNT | chain PIPELINE\n");
        return 1;
    }
    return 0;
}
