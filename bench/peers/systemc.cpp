// SPDX-License-Identifier: Apache-2.0
//
// The programs of bench/peers in SystemC: systemc WHAT N COUNT. Members of `hold` and `move` are methods, which SystemC
// calls; those of `lock` and the server of `queue` are threads.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <systemc>

#include "draws.h"

using sc_core::sc_time;

static sc_time ticks(uint64_t count) { return sc_time::from_value(count); }

static meter counted;
static uint32_t members;

static void count_one()
{
    if (counted.count())
        sc_core::sc_stop();
}

SC_MODULE(hold_model)
{
    draws draw{ 100000 };
    SC_CTOR(hold_model)
    {
        for (uint32_t i = 0; i < members; i++)
            spawn();
    }
    void spawn()
    {
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.dont_initialize();
        auto start = new sc_core::sc_event;
        options.set_sensitivity(start);
        start->notify(ticks(draw.draw() + 1));
        sc_core::sc_spawn(
            [this] {
                count_one();
                sc_core::next_trigger(ticks(draw.draw() + 1));
            },
            nullptr, &options);
    }
};

SC_MODULE(move_model)
{
    draws draw{ 100000 };
    std::vector<std::unique_ptr<sc_core::sc_event>> timers;
    SC_CTOR(move_model)
    {
        for (uint32_t i = 0; i < members; i++)
            timers.push_back(std::make_unique<sc_core::sc_event>());
        for (uint32_t i = 0; i < members; i++)
            spawn(i);
    }
    void set(uint32_t member) { timers[member]->notify(ticks(draw.draw() + 1)); }
    void spawn(uint32_t member)
    {
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.dont_initialize();
        options.set_sensitivity(timers[member].get());
        set(member);
        sc_core::sc_spawn(
            [this, member] {
                count_one();
                set(member);
                uint32_t other = another(members);
                timers[other]->cancel();
                set(other);
            },
            nullptr, &options);
    }
};

SC_MODULE(queue_model)
{
    draws arrival{ 12500 }, service{ 10000 };
    sc_core::sc_event arrived;
    uint64_t waiting = 0;
    SC_CTOR(queue_model)
    {
        SC_METHOD(source);
        SC_THREAD(server);
    }
    void source()
    {
        if (waiting++ == 0)
            arrived.notify();
        next_trigger(ticks(arrival.draw() + 1));
    }
    void server()
    {
        for (;;) {
            if (waiting == 0)
                wait(arrived);
            wait(ticks(service.draw() + 1));
            waiting--;
            count_one();
        }
    }
};

SC_MODULE(lock_model)
{
    draws think{ 10000 };
    std::deque<sc_core::sc_event *> waiters;
    bool is_taken = false;
    SC_CTOR(lock_model)
    {
        for (uint32_t i = 0; i < members; i++)
            sc_core::sc_spawn([this] { cpu(); });
    }
    void cpu()
    {
        sc_core::sc_event granted;
        for (;;) {
            sc_core::wait(ticks(think.draw() + 1));
            if (is_taken) {
                waiters.push_back(&granted);
                sc_core::wait(granted);
            }
            is_taken = true;
            sc_core::wait(ticks(400));
            count_one();
            if (waiters.empty()) {
                is_taken = false;
            } else {
                waiters.front()->notify();
                waiters.pop_front();
            }
        }
    }
};

int sc_main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    std::string what = argv[1];
    members = std::strtoul(argv[2], nullptr, 10);
    counted.total = std::strtoull(argv[3], nullptr, 10);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    if (what == "hold")
        new hold_model("hold");
    else if (what == "move")
        new move_model("move");
    else if (what == "queue")
        new queue_model("queue");
    else if (what == "lock")
        new lock_model("lock");
    else
        return 2;
    sc_core::sc_start();
    counted.report(what.c_str(), members, static_cast<double>(sc_core::sc_time_stamp().value()));
    std::_Exit(0);
}
