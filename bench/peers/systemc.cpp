// SPDX-License-Identifier: Apache-2.0
//
// The three programs in SystemC: `hold` (240 methods that trigger themselves), `queue` (M/M/1), `lock` (240 threads that
// think, take one FIFO lock, hold it). Prints "WHAT,PER_SECOND". The lock's hand-over costs nothing here: SystemC knows no
// cache lines, so that its runs do less.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <cstdlib>
#include <cstring>
#include <deque>
#include <systemc>

#include "draws.h"

using sc_core::sc_time;

static sc_time ticks(uint64_t count) { return sc_time::from_value(count); }

static meter counted;

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
        for (int i = 0; i < 240; i++)
            spawn();
    }
    void spawn()
    {
        sc_core::sc_spawn_options options;
        options.spawn_method();
        sc_core::sc_spawn(
            [this] {
                count_one();
                sc_core::next_trigger(ticks(draw.draw() + 1));
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
        for (int i = 0; i < 240; i++)
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
    const char *what = argc > 1 ? argv[1] : "";
    counted.total = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1000000;
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    if (std::strcmp(what, "hold") == 0)
        new hold_model("hold");
    else if (std::strcmp(what, "queue") == 0)
        new queue_model("queue");
    else if (std::strcmp(what, "lock") == 0)
        new lock_model("lock");
    else
        return 2;
    sc_core::sc_start();
    counted.report(what);
    std::_Exit(0);
}
