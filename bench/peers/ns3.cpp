// SPDX-License-Identifier: Apache-2.0
//
// The programs of bench/peers in ns-3, which has events and no processes: ns3 WHAT N COUNT [SCHEDULER], with one of ns-3's
// schedulers (Map is its default). Written for speed: an event that has fired is scheduled again where one of ns-3's
// own functions would allocate another.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <ns3/core-module.h>

#include "draws.h"

using ns3::EventImpl;
using ns3::NanoSeconds;
using ns3::Ptr;
using ns3::Simulator;

static meter counted;
static draws *think, *arrival, *service;
static uint32_t members;

static void count_one()
{
    if (counted.count())
        Simulator::Stop();
}

// An event that calls a function with a number.
class numbered : public EventImpl {
  public:
    numbered(void (*function)(uint32_t), uint32_t number) : m_function(function), m_number(number) {}
    ns3::EventId after(uint64_t time) { return Simulator::Schedule(NanoSeconds(time), Ptr<EventImpl>(this)); }

  protected:
    void Notify() override { m_function(m_number); }

  private:
    void (*m_function)(uint32_t);
    uint32_t m_number;
};

static std::vector<numbered *> events;

static numbered *event(void (*function)(uint32_t), uint32_t number)
{
    auto made = new numbered(function, number);
    made->Ref(); // this table's
    return made;
}

static void hold_fire(uint32_t member)
{
    count_one();
    events[member]->after(think->draw() + 1);
}

// A cancelled event stays in the scheduler, so that the next one is another.
static std::vector<ns3::EventId> timers;
static void move_fire(uint32_t member);

static void set_timer(uint32_t member)
{
    timers[member] = ns3::Create<numbered>(&move_fire, member)->after(think->draw() + 1);
}

static void move_fire(uint32_t member)
{
    count_one();
    set_timer(member);
    uint32_t other = another(members);
    timers[other].Cancel();
    set_timer(other);
}

static uint64_t waiting;

static void queue_depart(uint32_t)
{
    count_one();
    if (--waiting > 0)
        events[1]->after(service->draw() + 1);
}

static void queue_arrive(uint32_t)
{
    if (waiting++ == 0)
        events[1]->after(service->draw() + 1);
    events[0]->after(arrival->draw() + 1);
}

static std::deque<uint32_t> waiters;
static std::vector<bool> is_holder;
static bool is_taken;

static void lock_give(uint32_t member)
{
    is_holder[member] = true;
    events[member]->after(400);
}

static void lock_fire(uint32_t member)
{
    if (is_holder[member]) {
        count_one();
        is_holder[member] = false;
        is_taken = !waiters.empty();
        if (is_taken) {
            lock_give(waiters.front());
            waiters.pop_front();
        }
        events[member]->after(think->draw() + 1);
    } else if (is_taken) {
        waiters.push_back(member);
    } else {
        is_taken = true;
        lock_give(member);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    std::string what = argv[1];
    members = std::strtoul(argv[2], nullptr, 10);
    counted.total = std::strtoull(argv[3], nullptr, 10);
    if (argc > 4) {
        ns3::ObjectFactory scheduler;
        scheduler.SetTypeId("ns3::" + std::string(argv[4]) + "Scheduler");
        Simulator::SetScheduler(scheduler);
    }
    think = new draws(what == "hold" || what == "move" ? 100000 : 10000);
    arrival = new draws(12500);
    service = new draws(10000);
    if (what == "hold" || what == "lock") {
        is_holder.resize(members);
        for (uint32_t i = 0; i < members; i++) {
            events.push_back(event(what == "hold" ? &hold_fire : &lock_fire, i));
            events[i]->after(think->draw() + 1);
        }
    } else if (what == "move") {
        timers.resize(members);
        for (uint32_t i = 0; i < members; i++)
            set_timer(i);
    } else if (what == "queue") {
        events = { event(&queue_arrive, 0), event(&queue_depart, 1) };
        events[0]->after(1);
    } else {
        return 2;
    }
    Simulator::Run();
    counted.report(what.c_str(), members, Simulator::Now().GetNanoSeconds());
    std::_Exit(0);
}
