/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything is in a directory of the test program: in/ has what the cases read, out/ what they write, and is made
 * again before each run.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/sha256.h"
#include "explore/state.h"
#include "program.h"
#include "temporary.h"

#define SHORT " -q --duration 2ms --set run.warmup=0s --set devices.nic.arrivals.rate=4kHz "
#define RUN "run one-msi" SHORT
#define STEADY "explore explore-steady -q -j 1 "
#define OLD "old contents\n"
#define WORDS_MAX 40

const struct fault_case fault_cases[] = {
    { "init", "init host", NULL, false, FILES_MEASURED },
    { "init", "init explore -o out/x.yaml --force", "x.yaml", false, FILES_MEASURED },
    { "run", RUN "-o out/x.cbor --force", "x.cbor", false, FILES_WHOLE },
    { "run", RUN "--json", NULL, false, FILES_WHOLE },
    { "run", "run in/machine.yaml -q -o out/x.cbor", NULL, false, FILES_WHOLE },
    { "run", RUN "--junit out/x.xml --force", "x.xml", false, FILES_MEASURED },
    { "run --trace", RUN "--trace out/x.xentrace --force", "x.xentrace", false, FILES_WHOLE },
    { "run --trace", RUN "--trace out/x.dat --force", "x.dat", false, FILES_WHOLE },
    { "run --trace", RUN "--trace out/x.pftrace --force", "x.pftrace", false, FILES_WHOLE },
    { "compare", "compare one-msi" SHORT "-j 1 --seeds 2 --designs domain-tasklet,pirq-tasklet -o out/x.cbor --force",
      "x.cbor", false, FILES_WHOLE },
    { "compare", "compare in/a.cbor in/b.cbor --json", NULL, false, FILES_WHOLE },
    { "sweep", "sweep in/matrix.yaml -q -j 1 -o out/cells", NULL, false, FILES_RESUMED },
    { "sweep", "sweep in/sample.yaml -q -j 1 -o out/machines", NULL, false, FILES_RESUMED },
    { "sweep --merge", "sweep --merge in/cells -q -o out/x.cbor --force", "x.cbor", false, FILES_WHOLE },
    { "experiment", "experiment in/experiment.yaml -q -j 1 -o out/done", NULL, true, FILES_RESUMED },
    { "report", "report in/a.cbor in/b.cbor -q -o out/x.html --force", "x.html", false, FILES_WHOLE },
    { "report", "report in/lost.json -q -o out/x.html", NULL, true, FILES_WHOLE },
    { "report", "report in/recording.txt -q -o out/x.html", NULL, false, FILES_WHOLE },
    { "show", "show in/a.cbor", NULL, false, FILES_WHOLE },
    { "show", "show in/a.cbor --json", NULL, false, FILES_WHOLE },
    { "show", "show in/cells --csv", NULL, false, FILES_WHOLE },
    { "show", "show in/a.cbor --slowest 1", NULL, false, FILES_WHOLE },
    { "show RECORDING", "show in/recording.txt", NULL, false, FILES_WHOLE },
    { "show RECORDING", "show in/own.dat --slowest 1", NULL, false, FILES_WHOLE },
    { "show RECORDING", "show in/own.xentrace --attribution", NULL, false, FILES_WHOLE },
    { "plot", "plot in/a.cbor -q -o out --force", "runstates.svg", false, FILES_WHOLE },
    { "plot", "plot in/a.cbor --term dumb", NULL, false, FILES_WHOLE },
    { "trace import", "trace import in/recording.txt -q -o out/x.yaml --force", "x.yaml", false, FILES_RESUMED },
    { "trace import", "trace import in/recording.txt --fit -q -o out/x.yaml --force", NULL, false, FILES_RESUMED },
    { "trace export", "trace export in/a.cbor -q -o out/x.dat --force", "x.dat", false, FILES_WHOLE },
    { "trace export", "trace export in/a.cbor -q -o out/x.xentrace --force", "x.xentrace", false, FILES_WHOLE },
    { "explore", STEADY "--design softirq-masked -o out/x.json --force", "x.json", true, FILES_WHOLE },
    { "explore", STEADY "--design domain-tasklet --max-states 100 --checkpoint out/x.kept --json", NULL, true, FILES_WHOLE },
    { "explore", STEADY "--design domain-tasklet --random 100", NULL, true, FILES_WHOLE },
    { "replay", "replay in/lost.json", NULL, true, FILES_WHOLE },
    { "replay", "replay in/lost.json --svg out/x.svg --force", "x.svg", true, FILES_WHOLE },
    { "list", "list metrics --json", NULL, false, FILES_WHOLE },
    { "list", "list scenarios", NULL, false, FILES_WHOLE },
    { "calibrate", "calibrate -q --parts lines --rounds 1 --iterations 1 -o out/x.yaml --force", "x.yaml", false, FILES_MEASURED },
    { "validate", "validate one-msi in/matrix.yaml", NULL, false, FILES_WHOLE },
    { "explain", "explain one-msi", NULL, false, FILES_WHOLE },
    { "help", "help explore", NULL, false, FILES_WHOLE },
    { "version", "version", NULL, false, FILES_WHOLE },
};

const struct fault_case fault_kill_cases[] = {
    { "run", RUN "-o out/x.cbor --trace out/x.xentrace --force", "x.cbor", false, FILES_WHOLE },
    { "compare", "compare one-msi" SHORT "-j 2 --seeds 3 --designs domain-tasklet,pirq-tasklet -o out/x.cbor --force",
      "x.cbor", false, FILES_WHOLE },
    { "sweep", "sweep in/matrix.yaml -q -j 2 --seeds 2 -o out/cells", NULL, false, FILES_RESUMED },
    { "sweep", "sweep in/sample.yaml -q -j 2 -o out/machines", NULL, false, FILES_RESUMED },
    { "experiment", "experiment in/experiment.yaml -q -j 2 -o out/done", NULL, true, FILES_RESUMED },
    { "explore", "explore explore-steady -q -j 2 --design softirq-masked -o out/x.json --force", "x.json", true,
      FILES_WHOLE },
};

const size_t fault_kill_case_count = sizeof fault_kill_cases / sizeof fault_kill_cases[0];

const size_t fault_case_count = sizeof fault_cases / sizeof fault_cases[0];

/* What the cases read; the last word of those with a file is that file. */
static const char *const inputs[] = {
    RUN "-o in/a.cbor",
    RUN "--seed 2 -o in/b.cbor",
    RUN "--trace in/own.dat",
    RUN "--trace in/own.xentrace",
    "init recording -q -o in/recording.txt",
    "sweep in/matrix.yaml -q -j 1 -o in/cells",
};

static const struct {
    const char *name, *text;
} texts[] = {
    { "matrix.yaml", "base: one-msi\nrun: { warmup: 0s, duration: 1ms }\nmatrix: { run.seed: [1, 2] }\n" },
    { "sample.yaml", "base: one-msi\nrun: { warmup: 0s, duration: 1ms }\nsample: { n: 2, seed: 1, costs: [measured], metrics: [irq.raised], axes: { "
                     "devices.nic.arrivals.rate: { log: [1kHz, 10kHz] } } }\n" },
    { "machine.yaml", "base: one-msi\nmachine: { topology: machine.xml }\nrun: { warmup: 0s, duration: 1ms }\n" },
    { "machine.xml",
      "<topology version=\"2.0\">\n"
      "  <object type=\"Machine\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" allowed_cpuset=\"0x3\" "
      "nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\">\n"
      "    <object type=\"NUMANode\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\" local_memory=\"1\"/>\n"
      "    <object type=\"Core\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\">\n"
      "      <object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\"/>\n"
      "      <object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\"/>\n"
      "    </object>\n  </object>\n</topology>\n" },
    { "experiment.yaml",
      "# Is it so?\n"
      "runs:\n"
      "  one: { scenario: one-msi, run.duration: 1ms, run.warmup: 0s, matrix: { devices.nic.arrivals.rate: [1kHz, "
      "4kHz] } }\n"
      "  all: { explore: explore-steady, designs: [softirq-masked], replays: on }\n"
      "tables: [ { run: one, rows: rate, columns: [irq.raised, irq.lost] } ]\n"
      "figures: [ { kind: lines, run: one, x: rate, y: irq.raised } ]\n"
      "expect: [ 'one: irq.lost == 0' ]\n"
      "verdict: '{max irq.raised where run=one} interrupts'\n" },
};

static char room[112];

static void in_room(char path[160], const char *name) { (void)snprintf(path, 160, "%s/%s", room, name); }

static void run_shell(const char *format, ...)
{
    char command[1024];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(command, sizeof command, format, list);
    va_end(list);
    if (system(command) != 0) /* NOLINT(cert-env33-c): a fixed command */
        fail_msg("%s", command);
}

static void put(const char *name, const char *text)
{
    char path[160], message[300];

    in_room(path, name);
    if (!file_write(path, text, strlen(text), true, message, sizeof message))
        fail_msg("%s", message);
}

/* A preloaded library comes before the sanitizers' allocator, which does not allow that. */
static bool has_sanitizers(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
    return __has_feature(address_sanitizer);
#else
    return false;
#endif
}

bool faults_begin(void)
{
    if (has_sanitizers() || !supervise_is_supported())
        return false;
    if (room[0] != '\0')
        return true;
    (void)snprintf(room, sizeof room, "%s", temporary_path("faults"));
    assert_int_equal(mkdir(room, 0777), 0);
    run_shell("mkdir %s/in %s/out", room, room);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "in/%s", texts[i].name);
        put(name, texts[i].text);
    }
    assert_int_equal(setenv("IRQPATH_SCENARIOS", SOURCE_DIR "/scenarios", 1), 0);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        run_shell("cd %s && '%s' %s >/dev/null", room, IRQPATH, inputs[i]);
    if (explore_state_is_supported())
        run_shell("cd %s && '%s' " STEADY "--design softirq-masked -o in/lost.json >/dev/null", room, IRQPATH);
    return true;
}

/* --- one run --- */

/* Empties out/, but for the file that a case replaces. */
static void prepare(const struct fault_case *row)
{
    char name[64];

    run_shell("rm -rf %s/out && mkdir %s/out", room, room);
    if (row->file == NULL)
        return;
    (void)snprintf(name, sizeof name, "out/%s", row->file);
    put(name, OLD);
}

static void run(const struct fault_case *row, const struct fault *fault, struct supervised *result)
{
    char words[512], *arguments[WORDS_MAX] = { IRQPATH }, output[160], errors[160];
    size_t count = 1;

    (void)snprintf(words, sizeof words, "%s", row->arguments);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(count + 1 < WORDS_MAX);
        arguments[count++] = word;
    }
    in_room(output, "printed");
    in_room(errors, "errors");
    supervise(FAULTS_SHIM, room, arguments, output, errors, fault, result);
}

static char *contents(const char *path)
{
    char message[300];
    size_t count;
    char *bytes = file_read_bytes(path, 1 << 26, &count, message, sizeof message);

    if (bytes == NULL)
        fail_msg("%s", message);
    return bytes;
}

static char *printed(const char *name)
{
    char path[160];

    in_room(path, name);
    return contents(path);
}

static bool has_printed(const char *words)
{
    char *text = printed("printed");
    bool has = strstr(text, words) != NULL;

    free(text);
    return has;
}

/* Of a run's output, without the lines that say how fast it was. */
static char *comparable_output(void)
{
    static const char *const speeds[] = { " simulated in ", "\"engine.", " states/s\n", "\"seconds\"", " steps, " };
    char *text = printed("printed"), *to = text;

    for (const char *line = text, *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        bool is_speed = false;
        for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++)
            is_speed |= memmem(line, (size_t)(end - line), speeds[i], strlen(speeds[i])) != NULL;
        if (!is_speed)
            to = (char *)memmove(to, line, (size_t)(end - line)) + (end - line);
    }
    *to = '\0';
    return text;
}

/* --- what stands in out/ --- */

static FILE *listing;

static int list_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    char message[300], hash[SHA256_TEXT_BYTES];
    size_t count;

    (void)status;
    (void)at;
    if (kind != FTW_F)
        return 0;
    char *bytes = file_read_bytes(path, 1 << 26, &count, message, sizeof message);
    if (bytes == NULL)
        fail_msg("%s", message);
    sha256_text(bytes, count, hash);
    fprintf(listing, "%s %s\n", path + strlen(room) + strlen("/out/"), hash);
    free(bytes);
    return 0;
}

/* A line for each file, "NAME HASH". The caller frees it. */
static char *list_files(void)
{
    char path[160], *text;
    size_t bytes;

    in_room(path, "out");
    listing = open_memstream(&text, &bytes);
    assert_non_null(listing);
    assert_int_equal(nftw(path, list_one, 16, FTW_PHYS), 0);
    assert_int_equal(fclose(listing), 0);
    return text;
}

void fault_calm_run(const struct fault_case *row, struct fault_calm *calm)
{
    struct supervised result;
    const struct fault none = { .kind = FAULT_WRITE };

    prepare(row);
    run(row, &none, &result);
    *calm = (struct fault_calm){ .status = result.status, .output = comparable_output(), .files = list_files() };
    memcpy(calm->calls, result.calls, sizeof calm->calls);
    if (!WIFEXITED(calm->status) || WEXITSTATUS(calm->status) > 1 || result.is_hung) {
        char *errors = printed("errors");
        fail_msg("irqpath %s: status %#x: %s", row->arguments, (unsigned)calm->status, errors);
    }
}

void fault_calm_free(struct fault_calm *calm)
{
    free(calm->output);
    free(calm->files);
}

/* --- judging --- */

size_t fault_errors(enum fault_kind kind, const int **errors)
{
    static const int lists[FAULT_KINDS][3] = {
        [FAULT_OPEN] = { EMFILE, EIO, ENOMEM }, [FAULT_READ] = { EIO },
        [FAULT_WRITE] = { ENOSPC, EIO, EINTR }, [FAULT_SHORT] = { EINTR },
        [FAULT_FSYNC] = { EIO, ENOSPC, EINTR }, [FAULT_RENAME] = { EIO, ENOSPC },
        [FAULT_CLOSE] = { EIO, EINTR },         [FAULT_MKDIR] = { ENOSPC },
        [FAULT_FORK] = { EAGAIN },              [FAULT_MMAP] = { ENOMEM },
        [FAULT_MALLOC] = { ENOMEM },
    };
    size_t count = 0;

    while (count < 3 && lists[kind][count] != 0)
        count++;
    *errors = lists[kind];
    return count;
}

/* Whether a file may stand in out/ after a run that failed: as it was, or as a whole run leaves it. */
static bool is_whole(const struct fault_case *row, const struct fault_calm *calm, const char *line, size_t bytes)
{
    char old[SHA256_TEXT_BYTES], was[256];

    sha256_text(OLD, strlen(OLD), old);
    (void)snprintf(was, sizeof was, "%s %s\n", row->file != NULL ? row->file : "", old);
    if (strlen(was) == bytes && memcmp(was, line, bytes) == 0)
        return true;
    for (const char *at = calm->files; *at != '\0'; at = strchr(at, '\n') + 1)
        if (strncmp(at, line, bytes) == 0)
            return true;
    return row->files == FILES_MEASURED && strncmp(line, row->file, strlen(row->file)) == 0;
}

static bool are_whole(const struct fault_case *row, const struct fault_calm *calm, const char *files, char *reason,
                      size_t reason_bytes)
{
    bool has_file = row->file == NULL;

    for (const char *at = files, *end; *at != '\0'; at = end) {
        end = strchr(at, '\n') + 1;
        has_file |= row->file != NULL && strncmp(at, row->file, strlen(row->file)) == 0;
        if (is_whole(row, calm, at, (size_t)(end - at)))
            continue;
        (void)snprintf(reason, reason_bytes, "it left %.*s beside\n%s", (int)strcspn(at, "\n"), at, calm->files);
        return false;
    }
    if (!has_file)
        (void)snprintf(reason, reason_bytes, "%s is gone", row->file);
    return has_file;
}

/* Memory that is short gives 3, or 4 where the system has none for a file; all else is an input or output error. */
static bool is_expected(const struct fault *fault, int code)
{
    bool is_memory = fault->kind == FAULT_MALLOC || fault->kind == FAULT_MMAP || fault->error == ENOMEM;

    return is_memory ? code == 3 || (code == 4 && fault->kind != FAULT_MALLOC) : code == 4;
}

static bool names_it(const struct fault *fault, const char *errors)
{
    return strstr(errors, strerror(fault->error)) != NULL || strstr(errors, "cannot write to standard output") != NULL ||
           (fault->error == ENOMEM && (strcasestr(errors, "out of memory") != NULL ||
                                       strstr(errors, strerror(EAGAIN)) != NULL)); /* pthread_create says this */
}

/* Whether the command, sent once more, leaves what one undisturbed run does. */
static bool goes_on(const struct fault_case *row, const struct fault_calm *calm)
{
    const struct fault none = { .kind = FAULT_SHORT };
    struct supervised result;

    run(row, &none, &result);
    char *files = list_files();
    bool is_same = result.status == calm->status && strcmp(files, calm->files) == 0;
    free(files);
    return is_same;
}

static enum fault_outcome judge(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                                int status, const char *files, char *reason, size_t reason_bytes)
{
    char *output = comparable_output(), *errors = printed("errors");
    bool is_same = status == calm->status &&
                   (row->files == FILES_MEASURED || (strcmp(output, calm->output) == 0 && strcmp(files, calm->files) == 0));
    bool is_incomplete = row->explores && fault->kind == FAULT_MMAP && has_printed("address space");
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    enum fault_outcome outcome = is_same ? FAULT_WENT_ON : FAULT_REFUSED;

    reason[0] = '\0';
    if (!WIFEXITED(status))
        (void)snprintf(reason, reason_bytes, "signal %d", WTERMSIG(status));
    else if (!is_same && status == calm->status && !is_incomplete)
        (void)snprintf(reason, reason_bytes, "exit code %d, but %s differs: %s", code,
                       strcmp(output, calm->output) != 0 ? "its output" : "a file", output);
    else if (!is_same && !is_expected(fault, code) && !is_incomplete)
        (void)snprintf(reason, reason_bytes, "exit code %d: %s", code, errors);
    else if (!is_same && !names_it(fault, errors) && !is_incomplete)
        (void)snprintf(reason, reason_bytes, "no reason in its message: %s", errors);
    else if (row->files != FILES_RESUMED)
        (void)are_whole(row, calm, files, reason, reason_bytes);
    else if (!is_same && !goes_on(row, calm))
        (void)snprintf(reason, reason_bytes, "the next run leaves other files");
    free(output);
    free(errors);
    return reason[0] != '\0' ? FAULT_WRONG : outcome;
}

enum fault_outcome fault_inject(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                                char *reason, size_t reason_bytes)
{
    struct supervised result;

    prepare(row);
    run(row, fault, &result);
    if (!result.has_injected)
        return FAULT_NOT_REACHED;
    if (result.is_hung) {
        (void)snprintf(reason, reason_bytes, "it does not end");
        return FAULT_WRONG;
    }
    char *files = list_files();
    enum fault_outcome outcome = judge(row, calm, fault, result.status, files, reason, reason_bytes);
    free(files);
    return outcome;
}

/* --- kills --- */

/* Whether a line of the listing is of a temporary. */
static bool is_temporary(const char *line)
{
    const char *end = strchr(line, ' '), *name = end;

    while (name > line && name[-1] != '/')
        name--;
    return name[0] == '.' && end - name > 4 && strncmp(end - 4, ".tmp", 4) == 0;
}

/* Whether what a killed process was at is not half there. What is resumed may be. */
static bool has_no_half(const struct fault_case *row, const struct fault_calm *calm, const char *files, char *reason,
                        size_t reason_bytes)
{
    for (const char *at = files, *end; *at != '\0' && row->files != FILES_RESUMED; at = end) {
        end = strchr(at, '\n') + 1;
        if (is_temporary(at) || is_whole(row, calm, at, (size_t)(end - at)))
            continue;
        (void)snprintf(reason, reason_bytes, "it left %.*s", (int)strcspn(at, "\n"), at);
        return false;
    }
    return true;
}

/* Whether the first process has ended as it may: killed, or with an error; or with everything that it was to do. */
static bool is_end_of_killed(const struct fault_calm *calm, int status, const char *files, char *reason,
                             size_t reason_bytes)
{
    bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
         is_refused = WIFEXITED(status) && (WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 4);

    if (is_killed || is_refused || (status == calm->status && strcmp(files, calm->files) == 0))
        return true;
    char *errors = printed("errors");
    (void)snprintf(reason, reason_bytes, "status %#x: %s", (unsigned)status, errors);
    free(errors);
    return false;
}

enum fault_outcome fault_kill(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                              char *reason, size_t reason_bytes)
{
    struct supervised result;

    prepare(row);
    run(row, fault, &result);
    if (!result.has_injected)
        return FAULT_NOT_REACHED;
    char *files = list_files();
    bool is_good = false;
    if (result.is_hung)
        (void)snprintf(reason, reason_bytes, "a process is left");
    else
        is_good = is_end_of_killed(calm, result.status, files, reason, reason_bytes) &&
                  has_no_half(row, calm, files, reason, reason_bytes);
    if (is_good && !goes_on(row, calm)) {
        char *left = list_files();
        (void)snprintf(reason, reason_bytes, "the next run leaves\n%snot\n%s", left, calm->files);
        free(left);
        is_good = false;
    }
    free(files);
    return is_good ? FAULT_REFUSED : FAULT_WRONG;
}
