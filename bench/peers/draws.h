/* SPDX-License-Identifier: Apache-2.0
 *
 * What the peers share: exponential draws made before the clock runs, and a meter that takes the median over short
 * stretches, so that a stretch during which the host did something else does not count. The clock is the thread's own
 * time.
 */
#ifndef PEERS_DRAWS_H
#define PEERS_DRAWS_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

struct draws {
    std::vector<uint32_t> values;
    uint32_t next = 0;

    explicit draws(double mean) : values(1u << 14)
    {
        std::mt19937_64 generator(1);
        std::exponential_distribution<double> exponential(1 / mean);
        for (auto &value : values)
            value = static_cast<uint32_t>(exponential(generator));
    }
    uint32_t draw() { return values[next++ & ((1u << 14) - 1)]; }
};

/* `move`: the member whose timer is moved. */
inline uint32_t another(uint32_t members)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(((state >> 33) * members) >> 31);
}

struct meter {
    static constexpr int stretches = 40;
    uint64_t total = 1000000, done = 0;
    std::vector<double> times;

    static double now()
    {
        timespec time;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
    }
    /* True when it was the last. */
    bool count()
    {
        if (done++ % (total / stretches) == 0)
            times.push_back(now());
        return done > total;
    }
    /* The first stretches warm up. */
    void report(const char *what, uint32_t members, double end)
    {
        std::vector<double> lengths;
        for (size_t i = 5; i < times.size(); i++)
            lengths.push_back(times[i] - times[i - 1]);
        std::sort(lengths.begin(), lengths.end());
        double rate = static_cast<double>(total / stretches) / lengths[lengths.size() / 2];
        std::printf("%s,%u,%.6g,%.6g\n", what, members, rate, end / static_cast<double>(total));
        std::fflush(stdout);
    }
};

#endif
