// SPDX-License-Identifier: Apache-2.0
//
// The three programs in ns-3, which has events and no processes: `hold`, `queue`, `lock`, as in systemc.cpp.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <ns3/core-module.h>

#include "draws.h"

using ns3::NanoSeconds;
using ns3::Simulator;

static meter counted;

static void count_one()
{
    if (counted.count())
        Simulator::Stop();
}

static draws *think, *arrival, *service;

static void hold_fire()
{
    count_one();
    Simulator::Schedule(NanoSeconds(think->draw() + 1), &hold_fire);
}

static uint64_t waiting;

static void queue_depart()
{
    count_one();
    if (--waiting > 0)
        Simulator::Schedule(NanoSeconds(service->draw() + 1), &queue_depart);
}

static void queue_arrive()
{
    if (waiting++ == 0)
        Simulator::Schedule(NanoSeconds(service->draw() + 1), &queue_depart);
    Simulator::Schedule(NanoSeconds(arrival->draw() + 1), &queue_arrive);
}

static std::deque<int> waiters;
static bool is_taken;

static void lock_ask(int cpu);

static void lock_release(int cpu)
{
    count_one();
    if (waiters.empty()) {
        is_taken = false;
    } else {
        Simulator::Schedule(NanoSeconds(400), &lock_release, waiters.front());
        waiters.pop_front();
    }
    Simulator::Schedule(NanoSeconds(think->draw() + 1), &lock_ask, cpu);
}

static void lock_ask(int cpu)
{
    if (is_taken) {
        waiters.push_back(cpu);
        return;
    }
    is_taken = true;
    Simulator::Schedule(NanoSeconds(400), &lock_release, cpu);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    counted.total = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1000000;
    think = new draws(std::strcmp(what, "hold") == 0 ? 100000 : 10000);
    arrival = new draws(12500);
    service = new draws(10000);
    if (std::strcmp(what, "hold") == 0)
        for (int i = 0; i < 240; i++)
            Simulator::Schedule(NanoSeconds(think->draw() + 1), &hold_fire);
    else if (std::strcmp(what, "queue") == 0)
        Simulator::Schedule(NanoSeconds(1), &queue_arrive);
    else if (std::strcmp(what, "lock") == 0)
        for (int i = 0; i < 240; i++)
            Simulator::Schedule(NanoSeconds(think->draw() + 1), &lock_ask, i);
    else
        return 2;
    Simulator::Run();
    counted.report(what);
    std::_Exit(0);
}
