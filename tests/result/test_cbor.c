/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoding: nothing is lost, equal results have equal bytes, and an independent decoder (python3-cbor2, where it is
 * installed) sees the structure of the CDDL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result/cbor.h"
#include "result_samples.h"

static struct result_set sample_set(void)
{
    struct result_set set;
    result_set_init(&set);
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct result result = sample_result("softirq-requeue", seed, 300);
        result_add_axis(&result, "sockets", "8");
        result_add_axis(&result, "hypervisor.lock", "ttas");
        result.is_partial = seed == 2;
        if (seed == 2) {
            struct code_object object = sample_code_object("xen", 'a');
            result_set_code(&result, &object);
        }
        if (seed == 1)
            result_add_stuck(&result, &(struct result_stuck){ "disk", 3, 1038, true, "in the PIR of a blocked vCPU" });
        if (seed == 2)
            result_set_violation(&result, "modelled-bug", "BUG()", 3, 123456789);
        result_set_append(&set, &result);
    }
    return set;
}

static void decoding_gives_back_everything(void **state)
{
    (void)state;
    struct result_set set = sample_set(), read;
    uint8_t *bytes, *again;
    char message[300] = "";
    size_t count = result_encode(&set, "0.1", &bytes);

    result_set_init(&read);
    if (!result_decode(&read, bytes, count, message, sizeof message))
        fail_msg("%s", message);
    assert_int_equal(read.count, 2);
    const struct result *result = &read.results[1];
    assert_string_equal(result->scenario, "sample");
    assert_string_equal(result->design, "softirq-requeue+aaaaaaaa");
    assert_string_equal(result->code.hash, set.results[1].code.hash);
    assert_string_equal(result->code.family, "xen");
    assert_string_equal(result->code.files, "common/tasklet.c arch/x86/hvm.c");
    assert_string_equal(result->code.commit, "RELEASE-1");
    assert_string_equal(result->code.compiler, "gcc 12");
    assert_null(read.results[0].code.hash);
    assert_string_equal(result->resolved, "# Sample.\nname: sample\n");
    assert_int_equal(result->seed, 2);
    assert_int_equal(result->simulated_ns, 1200000000);
    assert_true(result->is_partial && !read.results[0].is_partial);
    assert_null(read.results[0].violation.kind);
    assert_int_equal(result->stuck_count, 0);
    assert_int_equal(read.results[0].stuck_count, 1);
    assert_string_equal(read.results[0].stuck->device, "disk");
    assert_string_equal(read.results[0].stuck->place, "in the PIR of a blocked vCPU");
    assert_int_equal(read.results[0].stuck->vector, 3);
    assert_int_equal(read.results[0].stuck->count, 1038);
    assert_true(read.results[0].stuck->is_lost);
    assert_string_equal(result->violation.kind, "modelled-bug");
    assert_string_equal(result->violation.text, "BUG()");
    assert_int_equal(result->violation.cpu, 3);
    assert_int_equal(result->violation.at_ns, 123456789);
    assert_string_equal(result_axis_value(result, "sockets"), "8");
    assert_string_equal(result_axis_value(result, "hypervisor.lock"), "ttas");
    assert_int_equal(result->metrics.count, set.results[1].metrics.count);
    assert_true(result_metric_value(result, "guests.idle.steal.percent") == 3.02);
    assert_true(isnan(result_metric_value(result, "locks.tasklet_lock.hold.p50_ns")));
    assert_int_equal(metric_find(&result->metrics, "engine.events")->numerator, UINT64_MAX);
    for (size_t i = 0; i < result->metrics.histogram_count; i++) {
        const char *name = result->metrics.histograms[i].name;
        assert_memory_equal(result_histogram(result, name), result_histogram(&set.results[1], name),
                            sizeof(struct histogram));
    }
    assert_int_equal(result_encode(&read, "0.1", &again), count);
    assert_memory_equal(bytes, again, count);
    free(bytes);
    free(again);
    result_set_free(&set);
    result_set_free(&read);
}

/* The order in which a model hands over its metrics is not part of the result. */
static void order_of_metrics_does_not_matter(void **state)
{
    (void)state;
    struct result forward, backward;
    result_init(&forward, "s", "d", 1, "");
    result_init(&backward, "s", "d", 1, "");
    metrics_append(&forward.metrics, "a.b", 1, 1);
    metrics_append(&forward.metrics, "long.name", 2, 1);
    metrics_append(&backward.metrics, "long.name", 2, 1);
    metrics_append(&backward.metrics, "a.b", 1, 1);
    backward.wall.seconds = 7;
    struct result_hash first = result_hash(&forward), second = result_hash(&backward);
    assert_memory_equal(&first, &second, sizeof first);
    forward.seed = 2;
    first = result_hash(&forward);
    assert_memory_not_equal(&first, &second, sizeof first);
    result_free(&forward);
    result_free(&backward);
}

static void hash_is_fnv_1a(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *hash;
    } rows[] = {
        { "", "6c62272e07bb014262b821756295c58d" },
        { "a", "d228cb696f1a8caf78912b704e4a8964" },
        { "foobar", "343e1662793c64bf6f0d3597ba446f18" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[RESULT_HASH_TEXT_BYTES];
        struct result_hash hash = result_hash_bytes(rows[i].bytes, strlen(rows[i].bytes));
        result_hash_text(&hash, text);
        assert_string_equal(text, rows[i].hash);
    }
}

static const char independent_reader[] =
    "import sys\n"
    "try:\n"
    "    import cbor2\n"
    "except ImportError:\n"
    "    sys.exit(77)\n"
    "raw = open(sys.argv[1], 'rb').read()\n"
    "d = cbor2.loads(raw)\n"
    "assert d['format'] == 'irqpath-result' and d['version'] == 1\n"
    "assert cbor2.dumps(d, canonical=True) == raw, 'not canonical'\n"
    "h = 0x6c62272e07bb014262b821756295c58d\n"
    "for b in cbor2.dumps(d['results'], canonical=True):\n"
    "    h = ((h ^ b) * ((1 << 88) + 0x13b)) % (1 << 128)\n"
    "assert h.to_bytes(16, 'big') == d['hash'], 'hash'\n"
    "r = d['results'][0]\n"
    "assert r['metrics']['guests.idle.steal.percent'] == [301, 100]\n"
    "assert r['metrics']['engine.events'] == 2**64 - 1\n"
    "assert r['metrics']['locks.tasklet_lock.hold.p50_ns'] is None\n"
    "assert r['axes'] == {'sockets': '8', 'hypervisor.lock': 'ttas'}\n"
    "assert r['stuck'] == [{'device': 'disk', 'vector': 3, 'count': 1038, 'lost': True,\n"
    "                       'place': 'in the PIR of a blocked vCPU'}]\n"
    "assert 'code' not in r and d['results'][1]['code'] == {'hash': 'a' * 40, 'commit': 'RELEASE-1', 'family': 'xen',\n"
    "    'files': 'common/tasklet.c arch/x86/hvm.c', 'compiler': 'gcc 12'}\n"
    "h = r['histograms']['irq.latency']\n"
    "assert h['count'] == 1000 == sum(n for _, n in h['buckets'])\n"
    "def lowest(i):\n"
    "    e = i // 128 - 1\n"
    "    return i if i < 256 else (i % 128 + 128) << e\n"
    "assert lowest(h['buckets'][0][0]) <= h['min'] < lowest(h['buckets'][0][0] + 1)\n"
    "assert lowest(h['buckets'][-1][0]) <= h['max'] < lowest(h['buckets'][-1][0] + 1)\n";

static void another_decoder_agrees(void **state)
{
    (void)state;
    char script[] = "/tmp/irqpath-test-XXXXXX", data[] = "/tmp/irqpath-test-XXXXXX", command[256];
    struct result_set set = sample_set();
    uint8_t *bytes;
    size_t count = result_encode(&set, "0.1", &bytes);
    int script_file = mkstemp(script), data_file = mkstemp(data);

    assert_true(script_file >= 0 && data_file >= 0);
    assert_int_equal(write(script_file, independent_reader, sizeof independent_reader - 1),
                     sizeof independent_reader - 1);
    assert_int_equal(write(data_file, bytes, count), count);
    snprintf(command, sizeof command, "/usr/bin/python3 %s %s", script, data);
    int status = system(command);
    close(script_file);
    close(data_file);
    unlink(script);
    unlink(data);
    free(bytes);
    result_set_free(&set);
    if (status == 77 << 8 || status == 127 << 8)
        skip();
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_gives_back_everything),
        cmocka_unit_test(order_of_metrics_does_not_matter),
        cmocka_unit_test(hash_is_fnv_1a),
        cmocka_unit_test(another_decoder_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
