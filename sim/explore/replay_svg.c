/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws an interleaving as a sequence diagram in SVG, with a lane for the devices, each pCPU and the guests; time runs
 * downwards. Bars beside a pCPU's lifeline show the locks that it holds. Arrows are messages (MSIs, IPIs) and injected
 * interrupts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/replay.h"

enum {
    WIDTH = 1280,
    MARGIN = 12,
    NUMBERS = 34, /* width of the column of step numbers */
    EVENTS = 190, /* width of the lanes of devices and of guests */
    ROW = 15,
    TOP = 96,
    BARS_MAX = 4, /* locks shown side by side */
    BAR = 6,
    LOCKS_MAX = 24,
};

#define CHARACTER_WIDTH 6.05 /* of the font of notes, in pixels */

static const char *const colours[] = { "#c8553d", "#2a7f9e", "#8a6d1b", "#5b4a9c", "#3f7d3a", "#a03f78", "#6b6b6b" };

#define COLOUR_COUNT (sizeof(colours) / sizeof(*colours))

struct diagram {
    const struct replay *replay;
    const struct replay_log *log;
    FILE *stream;
    size_t *tops; /* [step_count + 1]: y of each step */
    const char *locks[LOCKS_MAX];
    size_t lock_count;
};

/* --- texts --- */

static void print_escaped(const char *text, size_t length, FILE *stream)
{
    for (size_t i = 0; i < length && text[i] != '\0'; i++)
        switch (text[i]) {
        case '&':
            fputs("&amp;", stream);
            break;
        case '<':
            fputs("&lt;", stream);
            break;
        case '>':
            fputs("&gt;", stream);
            break;
        case '"':
            fputs("&quot;", stream);
            break;
        default:
            fputc((unsigned char)text[i] < ' ' ? ' ' : text[i], stream);
        }
}

/* Text that does not fit is cut; its tooltip shows all of it. */
static void print_text(const struct diagram *diagram, double x, double y, const char *class, const char *text,
                       double width)
{
    size_t room = (size_t)(width / CHARACTER_WIDTH), length = strlen(text);

    fprintf(diagram->stream, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
    print_escaped(text, length <= room ? length : room - 1, diagram->stream);
    if (length > room) {
        fputs("…<title>", diagram->stream);
        print_escaped(text, length, diagram->stream);
        fputs("</title>", diagram->stream);
    }
    fputs("</text>\n", diagram->stream);
}

/* --- places --- */

static bool is_guest_note(const struct replay_note *note)
{
    return note->place == REPLAY_DEVICES && strncmp(note->text, "guest ", 6) == 0;
}

static double cpu_width(const struct diagram *diagram)
{
    uint32_t cpus = diagram->log->cpu_count > 0 ? diagram->log->cpu_count : 1;

    return (double)(WIDTH - 2 * MARGIN - NUMBERS - 2 * EVENTS) / cpus;
}

static double cpu_left(const struct diagram *diagram, uint32_t cpu)
{
    return MARGIN + NUMBERS + EVENTS + cpu * cpu_width(diagram);
}

static double guest_left(void) { return WIDTH - MARGIN - EVENTS; }
static double device_left(void) { return MARGIN + NUMBERS; }

static size_t rows_of_step(const struct replay_log *log, size_t *note, size_t step)
{
    size_t first = *note, rows = 0;

    while (*note < log->note_count && log->notes[*note].step == step)
        (*note)++;
    for (size_t i = first; i < *note; i++) {
        size_t before = 0;
        for (size_t j = first; j <= i; j++)
            before += log->notes[j].place == log->notes[i].place &&
                      is_guest_note(&log->notes[j]) == is_guest_note(&log->notes[i]);
        rows = before > rows ? before : rows;
    }
    return rows;
}

/* A step without notes takes no room. */
static void place_steps(struct diagram *diagram)
{
    const struct replay_log *log = diagram->log;
    size_t note = 0, top = TOP;

    diagram->tops = calloc(log->step_count + 1, sizeof(*diagram->tops));
    CHECK(diagram->tops != NULL);
    for (size_t step = 0; step < log->step_count; step++) {
        diagram->tops[step] = top;
        top += ROW * rows_of_step(log, &note, step);
    }
    diagram->tops[log->step_count] = top;
}

/* --- frame --- */

static void print_lane(const struct diagram *diagram, double left, double width, const char *name)
{
    size_t bottom = diagram->tops[diagram->log->step_count];

    fprintf(diagram->stream,
            "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"22\" rx=\"3\" class=\"head\"/>\n"
            "<text x=\"%.1f\" y=\"%d\" class=\"name\">%s</text>\n"
            "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%zu\" class=\"life\"/>\n",
            left, TOP - 30, width - 8, left + 8, TOP - 15, name, left + 4, TOP - 8, left + 4, bottom);
}

static void print_lanes(const struct diagram *diagram)
{
    print_lane(diagram, device_left(), EVENTS, "devices");
    for (uint32_t cpu = 0; cpu < diagram->log->cpu_count; cpu++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "cpu%u", cpu);
        print_lane(diagram, cpu_left(diagram, cpu), cpu_width(diagram), name);
    }
    print_lane(diagram, guest_left(), EVENTS, "guests");
}

static void print_head(const struct diagram *diagram, size_t height)
{
    char title[256];

    fprintf(diagram->stream,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" viewBox=\"0 0 %d %zu\">\n"
            "<style>\n"
            "text { font: 10px 'DejaVu Sans Mono', Consolas, monospace; fill: #1d2530; }\n"
            ".title { font: bold 15px 'DejaVu Sans', Arial, sans-serif; }\n"
            ".said { font: 12px 'DejaVu Sans', Arial, sans-serif; fill: #a3271b; }\n"
            ".name { font: bold 12px 'DejaVu Sans', Arial, sans-serif; }\n"
            ".number { fill: #8d96a3; text-anchor: end; }\n"
            ".key { font: 11px 'DejaVu Sans', Arial, sans-serif; }\n"
            ".head { fill: #e4e9f0; } .life { stroke: #b9c2ce; } .turn { fill: #f3f6fa; }\n"
            ".message { stroke: #2b4c7e; fill: none; marker-end: url(#tip); }\n"
            ".bad { fill: none; stroke: #c62828; stroke-width: 1.5; }\n"
            "</style>\n"
            "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
            "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#2b4c7e\"/></marker></defs>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
            WIDTH, height, WIDTH, height);
    (void)snprintf(title, sizeof(title), "%s: %s", diagram->replay->design, diagram->replay->kind);
    print_text(diagram, MARGIN, 24, "title", title, WIDTH);
    print_text(diagram, MARGIN, 44, "said", diagram->replay->text, WIDTH - 2 * MARGIN);
}

/* --- locks --- */

static size_t lock_index(struct diagram *diagram, const char *lock)
{
    for (size_t i = 0; i < diagram->lock_count; i++)
        if (strcmp(diagram->locks[i], lock) == 0)
            return i;
    if (diagram->lock_count == LOCKS_MAX)
        return LOCKS_MAX - 1;
    diagram->locks[diagram->lock_count] = lock;
    return diagram->lock_count++;
}

/* The bar's column: the number of locks that the same pCPU already held when it took this one. */
static size_t depth_of(const struct replay_log *log, size_t hold)
{
    size_t depth = 0;

    for (size_t i = 0; i < hold; i++)
        depth += log->holds[i].cpu == log->holds[hold].cpu && log->holds[i].to > log->holds[hold].from;
    return depth < BARS_MAX ? depth : BARS_MAX - 1;
}

static void print_holds(struct diagram *diagram)
{
    const struct replay_log *log = diagram->log;

    for (size_t i = 0; i < log->hold_count; i++) {
        const struct replay_hold *hold = &log->holds[i];
        size_t end = hold->to < log->step_count ? hold->to + 1 : log->step_count;
        size_t from = diagram->tops[hold->from], to = diagram->tops[end];
        fprintf(diagram->stream, "<rect x=\"%.1f\" y=\"%zu\" width=\"%d\" height=\"%zu\" rx=\"2\" fill=\"%s\"><title>",
                cpu_left(diagram, hold->cpu) + 2 + (double)(BAR * depth_of(log, i)), from + 2, BAR - 1,
                to > from + 4 ? to - from - 4 : 1, colours[lock_index(diagram, hold->lock) % COLOUR_COUNT]);
        print_escaped(hold->lock, strlen(hold->lock), diagram->stream);
        fputs("</title></rect>\n", diagram->stream);
    }
}

static void print_legend(const struct diagram *diagram, size_t y)
{
    double x = device_left();

    for (size_t i = 0; i < diagram->lock_count; i++) {
        fprintf(diagram->stream, "<rect x=\"%.1f\" y=\"%zu\" width=\"5\" height=\"12\" rx=\"2\" fill=\"%s\"/>\n", x, y,
                colours[i % COLOUR_COUNT]);
        fprintf(diagram->stream, "<text x=\"%.1f\" y=\"%zu\" class=\"key\">", x + 9, y + 10);
        print_escaped(diagram->locks[i], strlen(diagram->locks[i]), diagram->stream);
        fputs("</text>\n", diagram->stream);
        x += 30 + 7.0 * (double)strlen(diagram->locks[i]);
    }
}

/* --- steps --- */

static void print_turn(const struct diagram *diagram, size_t step)
{
    uint32_t actor = diagram->log->actors[step];
    double left = actor == REPLAY_DEVICES ? device_left() : cpu_left(diagram, actor);
    double width = actor == REPLAY_DEVICES ? EVENTS : cpu_width(diagram);
    size_t height = diagram->tops[step + 1] - diagram->tops[step];

    if (height == 0)
        return;
    fprintf(diagram->stream, "<rect x=\"%.1f\" y=\"%zu\" width=\"%.1f\" height=\"%zu\" class=\"turn\"/>\n", left,
            diagram->tops[step], width - 8, height);
    fprintf(diagram->stream, "<text x=\"%d\" y=\"%zu\" class=\"number\">%zu</text>\n", MARGIN + NUMBERS - 8,
            diagram->tops[step] + 11, step + 1);
}

/* The number of earlier notes in the same lane and step. */
static size_t row_of(const struct replay_log *log, size_t note)
{
    size_t row = 0;

    for (size_t i = note; i > 0 && log->notes[i - 1].step == log->notes[note].step; i--)
        row += log->notes[i - 1].place == log->notes[note].place &&
               is_guest_note(&log->notes[i - 1]) == is_guest_note(&log->notes[note]);
    return row;
}

static double note_top(const struct diagram *diagram, size_t note)
{
    return (double)(diagram->tops[diagram->log->notes[note].step] + ROW * row_of(diagram->log, note));
}

static void print_note(const struct diagram *diagram, size_t note)
{
    const struct replay_note *row = &diagram->log->notes[note];
    double baseline = note_top(diagram, note) + 11;

    if (is_guest_note(row))
        print_text(diagram, guest_left() + 10, baseline, "note", strchr(row->text, ' ') + 1, EVENTS - 12);
    else if (row->place == REPLAY_DEVICES)
        print_text(diagram, device_left() + 10, baseline, "note", row->text, EVENTS - 12);
    else
        print_text(diagram, cpu_left(diagram, row->place) + 6 + BAR * BARS_MAX, baseline, "note", row->text,
                   cpu_width(diagram) - 14 - BAR * BARS_MAX);
}

/* --- messages --- */

static void print_message(const struct diagram *diagram, double x1, double y1, double x2, double y2)
{
    fprintf(diagram->stream, "<path d=\"M%.1f %.1fL%.1f %.1f\" class=\"message\"/>\n", x1, y1, x2, y2);
}

/* The latest earlier note "sends IPI V to cpuN" that matches this one, where the arrow starts; `note` if none does. */
static size_t sender_of(const struct replay_log *log, size_t note)
{
    for (size_t i = note; i > 0; i--)
        if (strncmp(log->notes[i - 1].text, "sends ", 6) == 0 &&
            strcmp(log->notes[i - 1].text + 6, log->notes[note].text) == 0)
            return i - 1;
    return note;
}

static void print_arrow(const struct diagram *diagram, size_t note)
{
    const struct replay_log *log = diagram->log;
    const struct replay_note *row = &log->notes[note];
    uint32_t actor = log->actors[row->step], vector, cpu;
    double y = note_top(diagram, note) + 8;

    if (row->place != REPLAY_DEVICES)
        return;
    if (is_guest_note(row) && actor != REPLAY_DEVICES) {
        print_message(diagram, cpu_left(diagram, actor) + cpu_width(diagram) - 40, y, guest_left() + 4, y);
        return;
    }
    if (sscanf(row->text, "device raises %x at cpu%u", &vector, &cpu) == 2 && cpu < log->cpu_count) {
        print_message(diagram, device_left() + EVENTS - 8, y, cpu_left(diagram, cpu) + 4, y);
        return;
    }
    size_t sender = sender_of(log, note);
    if (sscanf(row->text, "IPI %x to cpu%u", &vector, &cpu) == 2 && cpu < log->cpu_count && sender != note &&
        log->notes[sender].place < log->cpu_count) {
        uint32_t from = log->notes[sender].place;
        double after = 10 + BAR * BARS_MAX + CHARACTER_WIDTH * (double)strlen(log->notes[sender].text);
        double shift = from > cpu ? 4 : after < cpu_width(diagram) - 12 ? after : cpu_width(diagram) - 12;
        print_message(diagram, cpu_left(diagram, from) + shift, note_top(diagram, sender) + 8,
                      cpu_left(diagram, cpu) + 4, y);
    }
}

/* Marks the last step, where the violation is. */
static void print_violation(const struct diagram *diagram)
{
    const struct replay_log *log = diagram->log;
    size_t bottom = diagram->tops[log->step_count];

    fprintf(diagram->stream, "<rect x=\"%d\" y=\"%zu\" width=\"%d\" height=\"%d\" class=\"bad\"/>\n", MARGIN,
            bottom + 4, WIDTH - 2 * MARGIN, ROW + 8);
    char text[600];
    (void)snprintf(text, sizeof(text), "%s: %s", diagram->replay->kind, diagram->replay->text);
    print_text(diagram, MARGIN + 8, (double)bottom + 20, "said", text, WIDTH - 4 * MARGIN);
}

void replay_print_svg(const struct replay *replay, const struct replay_log *log, FILE *stream)
{
    struct diagram diagram = { .replay = replay, .log = log, .stream = stream };

    place_steps(&diagram);
    size_t bottom = diagram.tops[log->step_count];
    print_head(&diagram, bottom + 60);
    for (size_t step = 0; step < log->step_count; step++)
        print_turn(&diagram, step);
    print_lanes(&diagram);
    print_holds(&diagram);
    for (size_t note = 0; note < log->note_count; note++)
        print_arrow(&diagram, note);
    for (size_t note = 0; note < log->note_count; note++)
        print_note(&diagram, note);
    print_violation(&diagram);
    print_legend(&diagram, bottom + 36);
    fputs("</svg>\n", stream);
    free(diagram.tops);
}
