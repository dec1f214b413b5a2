/* SPDX-License-Identifier: Apache-2.0
 *
 * Parcels between processes: all of their words arrive, however many there are, and nothing else does.
 */
#include "explore/peers.h"

#include <stdio.h>
#include <sys/socket.h>

#include "death.h"
#include "explore/peers_area.h"
#include "peers_fixture.h"

/* The lengths of parcels in each exchange, in words; more than one round takes. */
static const size_t lengths[] = { 0, 1, 1024, 700000, 0, 3 };

/* What process `from` has for `to` in an exchange. */
static size_t length_of(size_t exchange, uint32_t from, uint32_t to)
{
    return lengths[(exchange + from + 2 * to) % (sizeof(lengths) / sizeof(*lengths))];
}

static uint32_t word_of(uint32_t from, uint32_t to, size_t at)
{
    return (uint32_t)(at * 2654435761u) ^ (from << 8 | to);
}

static void fill(const struct peers *peers, struct parcel *out, size_t exchange)
{
    peers_parcels_clear(peers, out);
    for (uint32_t to = 0; to < peers->size; to++)
        for (size_t at = 0; at < length_of(exchange, peers->self, to); at++)
            parcel_put(&out[to], word_of(peers->self, to, at));
}

static bool has_arrived(const struct peers *peers, const struct parcel *in, size_t exchange)
{
    for (uint32_t from = 0; from < peers->size; from++) {
        size_t length = from != peers->self ? length_of(exchange, from, peers->self) : 0;
        struct parcel_reader reader = { &in[from], 0 };
        if (in[from].count != length)
            return false;
        for (size_t at = 0; at < length; at++)
            if (parcel_get(&reader) != word_of(from, peers->self, at))
                return false;
    }
    return true;
}

static bool exchange_all(struct peers *peers, void *data)
{
    struct parcel *out = peers_parcels(peers), *in = peers_parcels(peers);
    bool is_good = true;

    (void)data;
    for (size_t exchange = 0; exchange < 6 && is_good; exchange++) {
        fill(peers, out, exchange);
        peers_exchange(peers, out, in);
        is_good = has_arrived(peers, in, exchange);
    }
    peers_parcels_free(peers, out);
    peers_parcels_free(peers, in);
    return is_good && !peers_are_interrupted(peers);
}

static bool agree(struct peers *peers, void *data)
{
    (void)data;
    return !peers_any(peers, false) && peers_any(peers, peers->self == peers->size - 1) && peers_any(peers, true);
}

static void test_all_words_arrive(void **state)
{
    (void)state;
    for (uint32_t size = 1; size <= 4; size++) {
        peers_hub_run(size, exchange_all, NULL);
        peers_hub_run(size, agree, NULL);
    }
}

/* Numbers and bytes come out as they went in. */
static void test_parcels(void **state)
{
    static const uint32_t bytes[] = { 1, 2, 3 };
    struct parcel parcel = { .count = 0 };
    struct parcel_reader reader = { &parcel, 0 };
    uint32_t copy[3];

    (void)state;
    for (uint64_t i = 0; i < 3000; i++) {
        parcel_put(&parcel, (uint32_t)i);
        parcel_put_long(&parcel, i << 40 | i);
        parcel_put_bytes(&parcel, bytes, sizeof(bytes));
        parcel_put_bytes(&parcel, NULL, 0);
    }
    for (uint64_t i = 0; i < 3000; i++) {
        assert_int_equal(parcel_get(&reader), i);
        assert_int_equal(parcel_get_long(&reader), i << 40 | i);
        parcel_get_bytes(&reader, copy, sizeof(copy));
        assert_memory_equal(copy, bytes, sizeof(bytes));
    }
    assert_int_equal(parcel_rest(&reader), 0);
    parcel_free(&parcel);
}

static void read_beyond(void *argument)
{
    struct parcel_reader reader = { argument, 0 };

    (void)parcel_get_long(&reader);
}

static void test_no_word_is_made_up(void **state)
{
    struct parcel parcel = { .count = 0 };
    char text[256];

    (void)state;
    parcel_put(&parcel, 1);
    assert_int_equal(death_run(read_beyond, &parcel, text, sizeof(text)), DEATH_OF_CHECK);
    parcel_free(&parcel);
}

/* What is offered over a socket is accepted; what is sent without a file, or nothing, is not. */
static void test_area_over_a_socket(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct peers_area *offered = peers_area_offer(ends[0], 3, 1), *accepted = peers_area_accept(ends[1]);
    assert_non_null(offered);
    assert_non_null(accepted);
    assert_int_equal(accepted->size, 3);
    assert_int_equal(accepted->self, 1);
    *peers_area_out(offered, 2) = 7;
    *peers_area_in(offered, 0) = 8;
    assert_int_equal(*peers_area_out(accepted, 2), 7);
    assert_int_equal(*peers_area_in(accepted, 0), 8);
    peers_area_unmap(accepted);
    peers_area_unmap(offered);
    assert_int_equal(write(ends[0], "", 1), 1);
    assert_null(peers_area_accept(ends[1]));
    assert_null(peers_area_offer(ends[0], PEERS_MAX + 1, 0));
    close(ends[0]);
    assert_null(peers_area_accept(ends[1]));
    assert_null(peers_area_offer(ends[1], 3, 1));
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_words_arrive),
        cmocka_unit_test(test_parcels),
        cmocka_unit_test(test_no_word_is_made_up),
        cmocka_unit_test(test_area_over_a_socket),
    };

    return cmocka_run_group_tests_name("explore_peers", tests, NULL, NULL);
}
