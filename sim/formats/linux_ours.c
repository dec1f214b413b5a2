/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath's own events in its trace.dat, which say "WHAT flow=N value=N who=NAME" (tracedat_write.c). Guests and vCPUs
 * are known from the names and numbers of tasks, locks from their names.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "formats/linux_host_parts.h"
#include "formats/tracedat_parts.h"
#include "models/registry.h"

static const struct {
    const char *name;
    enum trace_kind kind;
} events[] = {
    { "device_raise", TRACE_RAISE },
    { "do_irq", TRACE_DO_IRQ },
    { "work_for", TRACE_FOR },
    { "lock_wait", TRACE_LOCK_WAIT },
    { "lock_acquire", TRACE_LOCK_ACQUIRE },
    { "lock_release", TRACE_LOCK_RELEASE },
    { "vmexit", TRACE_VMEXIT },
    { "vmentry", TRACE_VMENTRY },
    { "virq_pend", TRACE_PEND },
    { "virq_inject", TRACE_INJECT },
    { "guest_handler", TRACE_HANDLER },
    { "ipi_send", TRACE_IPI },
    { "records_dropped", TRACE_DROPPED },
};

bool linux_is_ours(const char *event)
{
    if (!strcmp(event, TRACEDAT_SIMULATED))
        return true;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (!strcmp(events[i].name, event))
            return true;
    return false;
}

static enum trace_kind kind_of(const char *event)
{
    size_t i = 0;

    while (i + 1 < sizeof events / sizeof *events && strcmp(events[i].name, event) != 0)
        i++;
    return events[i].kind;
}

/* --- tasks --- */

bool linux_our_vcpu(const char *comm, int32_t pid, uint32_t *domain, uint32_t *vcpu)
{
    const char *at = strrchr(comm, 'v');
    unsigned number;
    int end = 0;

    if (at == NULL || at == comm || sscanf(at, "v%u%n", &number, &end) != 1 || at[end] != '\0' || pid < 1000 ||
        number >= 1000 || (uint32_t)pid % 1000 != number)
        return false;
    *domain = (uint32_t)pid / 1000 - 1;
    *vcpu = number;
    return true;
}

/* The thread with that name; "guestv65535" is a whole guest, of which any vCPU tells the domain. */
static uint32_t who_of(struct linux_host *host, const char *name)
{
    size_t names = host->our_names.count;
    uint32_t number = intern_number(&host->our_names, 0, name);
    const char *whole = strstr(name, "v65535");
    size_t bytes = whole != NULL ? (size_t)(whole - name) + 1 : LINUX_COMM_BYTES;

    if (number == names)
        host->our_threads = array_grown(host->our_threads, names, sizeof *host->our_threads);
    uint32_t *known = &host->our_threads[number];
    if (!strcmp(name, "-") || !strcmp(name, "<idle>"))
        return TRACE_NOBODY;
    if (*known == 0 || strncmp(host->threads[*known - 1].comm, name, bytes) != 0) {
        uint32_t i = 0;
        while (i < host->thread_count && strncmp(host->threads[i].comm, name, bytes) != 0)
            i++;
        if (i == host->thread_count)
            return TRACE_NOBODY;
        *known = i + 1;
    }
    return whole != NULL ? LINUX_WHO_GUEST | (*known - 1) : linux_who(*known - 1);
}

/* --- locks --- */

static uint32_t lock_of(struct linux_host *host, char *name)
{
    struct trace *names = &host->recorded->names;
    char *bracket = strchr(name, '[');
    uint32_t number = bracket != NULL ? (uint32_t)strtoul(bracket + 1, NULL, 10) : 0;

    if (bracket != NULL)
        *bracket = '\0';
    uint32_t lock = intern_number(&host->lock_numbers, number, name);
    if (lock == names->lock_count) {
        names->locks = array_grown(names->locks, lock, sizeof *names->locks);
        names->locks[names->lock_count++] = (struct trace_lock){ recorded_text(host->recorded, name), number };
    }
    return lock;
}

/* What a pCPU has begun and not ended, which the analyses keep. */
static bool is_balanced(struct linux_cpu *cpu, enum trace_kind kind)
{
    if (kind == TRACE_LOCK_WAIT)
        return ++cpu->our_waits <= 4;
    if (kind == TRACE_LOCK_ACQUIRE) {
        cpu->our_waits -= cpu->our_waits > 0;
        return ++cpu->our_held <= 12;
    }
    if (kind == TRACE_LOCK_RELEASE)
        cpu->our_held -= cpu->our_held > 0;
    return true;
}

/* --- events --- */

/* "vector-31, 560ns ago": when the device raised it, in the part to read. */
static uint64_t raised_ns(const struct linux_host *host, const struct linux_at *at, const char *what)
{
    uint64_t since = at->ns - host->first_ns, ago = 0;
    const char *comma = strchr(what, ',');

    if (comma != NULL)
        ago = strtoull(comma + 1, NULL, 10);
    ago += host->choice->from_ns;
    return since > ago ? since - ago : 0;
}

static void fill(struct linux_host *host, const struct linux_at *at, enum trace_kind kind, char *what, uint32_t value,
                 uint32_t *a, uint64_t *b)
{
    unsigned vector = 0;

    *a = value;
    *b = 0;
    (void)sscanf(what, "vector-%x", &vector);
    switch (kind) {
    case TRACE_RAISE:
        *a = value << 8 | (vector & 255);
        *b = raised_ns(host, at, what);
        break;
    case TRACE_DO_IRQ:
        *a = host->cpus[at->cpu].irq;
        *b = value;
        break;
    case TRACE_IPI:
        *a = vector;
        *b = value;
        break;
    case TRACE_LOCK_WAIT:
        *a = lock_of(host, what);
        *b = value;
        break;
    case TRACE_LOCK_ACQUIRE:
    case TRACE_LOCK_RELEASE:
        *a = lock_of(host, what);
        break;
    case TRACE_VMEXIT:
        *a = linux_exit_number(host, what);
        break;
    default:
        break;
    }
}

/* The design tells what host was simulated. Files before 2026-11-30 do not tell the frequency. */
static const char *simulated(struct linux_host *host, const char *design, uint32_t khz)
{
    const struct design *known = design_find(design);

    snprintf(host->recorded->design, sizeof host->recorded->design, "%.47s", design);
    if (khz >= RECORDED_KHZ_MIN && khz <= RECORDED_KHZ_MAX)
        host->recorded->machine_hz = UINT64_C(1000) * khz;
    if (known != NULL)
        host->recorded->host = strcmp(known->family->name, "xen") != 0 ? RECORDED_HOST_LINUX : RECORDED_HOST_XEN;
    return NULL;
}

/* "tasklet_lock[0] flow=0 value=3 who=-", or as trace-cmd report -R prints it: "who=- what=tasklet_lock[0] flow=0
 * value=3". Returns what it is about, without blanks at its end; NULL if it is neither. */
static char *fields_of(char *text, unsigned *flow, unsigned *value, char who[LINUX_COMM_BYTES])
{
    char *what = text, *numbers = strstr(text, "flow=");

    if (numbers == NULL || sscanf(numbers, "flow=%u value=%u", flow, value) != 2)
        return NULL;
    if (!strncmp(text, "who=", 4)) {
        what = strstr(text, " what=");
        if (what == NULL || what > numbers || sscanf(text, "who=%39s", who) != 1)
            return NULL;
        what += 6;
    } else if (sscanf(numbers, "flow=%*u value=%*u who=%39s", who) != 1) {
        return NULL;
    }
    *numbers = '\0';
    for (size_t bytes = strlen(what); bytes > 0 && what[bytes - 1] == ' ';)
        what[--bytes] = '\0';
    return what;
}

const char *linux_ours(struct linux_host *host, const struct linux_at *at, const char *event, char *text)
{
    enum trace_kind kind;
    unsigned flow, value;
    char who[LINUX_COMM_BYTES];
    uint32_t a;
    uint64_t b;

    if ((text = fields_of(text, &flow, &value, who)) == NULL)
        return "no flow=, value= or who=";
    kind = kind_of(event);
    if ((kind == TRACE_LOCK_WAIT && value != UINT32_MAX && value >= RECORDING_CPUS_MAX) ||
        (kind == TRACE_IPI && value >= RECORDING_CPUS_MAX))
        return "a CPU beyond the limit";
    if (!host->is_ours)
        host->recorded->host = RECORDED_HOST_UNKNOWN;
    host->is_ours = true;
    if (!strcmp(event, TRACEDAT_SIMULATED))
        return simulated(host, text, value);
    fill(host, at, kind, text, value, &a, &b);
    if (!is_balanced(&host->cpus[at->cpu], kind))
        return "locks that are taken and not released";
    linux_irq_close(host, at->cpu);
    linux_emit(host, at->ns, at->cpu, kind, who_of(host, who), flow, a, b);
    host->flows = flow > host->flows ? flow : host->flows;
    return NULL;
}
