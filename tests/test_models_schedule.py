"""The rules of which model is in memory, over plain objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.backend import Facts
from models.batch import Priority, QueueFull, Row
from models.schedule import ASLEEP_S, QUANTUM_S, Round, Schedule


def facts(name: str, slots: int = 2, *, light: bool = False) -> Facts:
    return Facts("tone", name, 24_000, slots, slots, (), light=light)


def ready(model: str, priority: Priority = Priority.INTERACTIVE, deadline: float | None = None) -> Row:
    return Row(priority=priority, deadline=deadline, dry=False, model=model)


class House:
    """A schedule whose wishes to load and unload come true at once."""

    def __init__(self, *models: Facts, cache: int = 1, queue: int = 100) -> None:
        self.schedule = Schedule(models, queue, cache)
        self.now = 0.0

    def add(self, *rows: Row) -> None:
        for row in rows:
            self.schedule.submit(row)

    def turn(self, after: float = 0.0) -> Round:
        self.now += after
        made = self.schedule.plan(self.now)
        for name in made.unload:
            self.schedule.unloaded(name)
        for name in made.load:
            self.schedule.loaded(name, self.now)
        return made

    def moved(self, after: float = 0.0) -> set[Row]:
        return {row for plan in self.turn(after).plans.values() for row, _ in plan.step}

    @property
    def memory(self) -> set[str]:
        return {name for name, place in self.schedule.places.items() if place.loaded}


def two(cache: int = 1, slots: int = 2) -> House:
    return House(facts("a", slots), facts("b", slots), cache=cache)


def test_a_model_is_loaded_when_a_row_has_something_to_say() -> None:
    house, row = two(), Row(model="a")
    house.add(row)
    assert not house.turn()
    row.dry = False
    assert house.turn().load == ["a"]
    assert house.moved() == {row}
    assert house.memory == {"a"}


def test_there_is_room_for_as_many_as_the_cache_holds() -> None:
    house, rows = two(cache=2), [ready("a"), ready("b")]
    house.add(*rows)
    for _ in range(2):
        assert house.turn().unload == []
    assert house.moved() == set(rows)
    assert house.memory == {"a", "b"}


def test_a_model_that_nobody_speaks_with_makes_way_at_once_the_longest_unused_first() -> None:
    house = House(facts("a"), facts("b"), facts("c"), cache=2)
    for name in "aba":
        row = ready(name)
        house.add(row)
        house.turn(1)
        house.turn(1)
        house.schedule.remove(row)
        house.turn(1)
    house.add(ready("c"))
    made = house.turn(1)
    assert (made.unload, made.load) == (["b"], ["c"])


def test_a_light_model_is_loaded_beside_the_others_and_stays() -> None:
    house, rows = House(facts("a"), facts("tiny", light=True), facts("b")), [ready("a"), ready("tiny")]
    house.add(*rows)
    house.turn()
    house.turn()
    assert house.memory == {"a", "tiny"}
    assert house.moved() == set(rows)
    house.schedule.remove(rows[0])
    house.schedule.remove(rows[1])
    house.add(ready("b"))
    assert house.turn().unload == ["a"]
    assert house.memory == {"b", "tiny"}


def test_a_more_urgent_row_parks_the_others_at_once_and_they_go_on_later() -> None:
    house, book, reply = two(), ready("a", Priority.BATCH), ready("b", Priority.REPLY)
    house.add(book)
    house.turn()
    assert house.moved(0.1) == {book}
    house.add(reply)
    made = house.turn(0.1)
    assert [row for row, _ in made.plans["a"].park] == [book]
    assert (made.unload, made.load) == (["a"], ["b"])
    assert book.parked
    assert house.moved(0.1) == {reply}
    house.schedule.remove(reply)
    house.turn(0.1)
    assert house.moved(0.1) == {book}


def test_a_less_urgent_row_waits_for_as_long_as_others_speak() -> None:
    house, reply, book = two(), ready("a", Priority.REPLY), ready("b", Priority.BATCH)
    house.add(reply)
    house.turn()
    house.add(book)
    for _ in range(10):
        assert house.moved(QUANTUM_S) == {reply}
    house.schedule.remove(reply)
    house.turn()
    assert house.moved() == {book}


def test_equals_take_turns_by_the_quantum_and_not_by_the_frame() -> None:
    house, rows = two(), {"a": ready("a"), "b": ready("b")}
    house.add(*rows.values())
    switches, heard = 0, {"a": 0, "b": 0}
    for _ in range(int(10 * QUANTUM_S / 0.1)):
        made = house.turn(0.1)
        switches += bool(made.unload)
        for name, row in rows.items():
            heard[name] += any(moved is row for plan in made.plans.values() for moved, _ in plan.step)
    assert 8 <= switches <= 10
    assert min(heard.values()) > 400


def test_a_model_that_is_wanted_takes_nobody_in_who_comes_later() -> None:
    house = two(slots=2)
    speaking, other, late, urgent = ready("a"), ready("b"), ready("a"), ready("a", Priority.REPLY)
    house.add(speaking)
    house.turn()
    house.turn(0.1)
    house.add(other)
    house.turn(0.1)
    house.add(late)
    assert house.moved(0.1) == {speaking}
    house.schedule.remove(speaking)
    made = house.turn(0.1)
    assert (made.unload, made.load) == (["a"], ["b"])
    assert house.moved(0.1) == {other}
    house.add(urgent)
    assert house.turn(0.1).load == ["a"]
    assert house.moved(0.1) == {urgent, late}, "the other was parked, and is behind those who wait"
    house.schedule.remove(urgent)
    assert house.moved(0.1) == {late}
    house.schedule.remove(late)
    house.turn(0.1)
    assert house.moved(0.1) == {other}


def test_whoever_came_before_still_gets_a_slot_of_a_model_that_is_wanted() -> None:
    house = two(slots=1)
    first, second, other = ready("a"), ready("a"), ready("b")
    house.add(first, second, other)
    house.turn()
    assert house.moved(0.1) == {first}
    house.schedule.remove(first)
    assert house.moved(0.1) == {second}


@pytest.mark.parametrize("idle", ["held", "dry"])
def test_a_row_with_nothing_to_say_holds_its_model_for_a_while_only(idle: str) -> None:
    house, paused, book = two(), ready("a", Priority.REPLY), ready("b", Priority.BATCH)
    house.add(paused)
    house.turn()
    house.turn(0.1)
    setattr(paused, idle, True)
    house.add(book)
    house.turn(ASLEEP_S / 2)
    assert house.memory == {"a"}
    house.turn(ASLEEP_S / 2)
    assert house.memory == {"b"}
    assert paused.parked
    assert house.moved(0.1) == {book}
    setattr(paused, idle, False)
    house.turn(0.1)
    assert house.moved(0.1) == {paused}


def test_among_models_in_memory_the_urgent_moves_first_and_equals_move_together() -> None:
    house = two(cache=2)
    reply, book, talk = ready("a", Priority.REPLY), ready("b", Priority.BATCH), ready("b", Priority.REPLY)
    house.add(reply, book)
    for _ in range(3):
        house.turn(0.1)
    assert house.moved(0.1) == {reply}
    house.add(talk)
    assert house.moved(0.1) == {reply, talk, book}, "a book moves along with a reply of the same model"
    reply.held = talk.held = True
    assert house.moved(0.1) == {book}


def test_a_deadline_expires_rows_of_models_that_are_not_there() -> None:
    house, row = two(), ready("b", deadline=5)
    house.add(ready("a", Priority.REPLY))
    house.turn()
    house.add(row)
    assert house.turn(5).plans["b"].expire == [row]
    assert not house.schedule.keeps_out


def test_the_queue_is_common_and_slots_are_not() -> None:
    house = House(facts("a", 1), facts("b", 1), queue=1)
    house.add(ready("a"), ready("a"), ready("b"))
    for model in "ab":
        with pytest.raises(QueueFull, match="3 requests are speaking or waiting, and the queue holds 1"):
            house.add(ready(model))
    house.add(ready("a", Priority.REPLY), ready("b", Priority.REPLY))


def test_who_has_to_go_before_a_model_is_loaded_on_request() -> None:
    house = House(facts("a"), facts("b"), facts("tiny", light=True))
    row = ready("a")
    house.add(row)
    assert house.schedule.crowd("a") == []
    house.turn()
    house.turn()
    assert house.schedule.crowd("b") is None
    assert house.schedule.crowd("tiny") == []
    row.held = True
    house.schedule.remove(row)
    assert house.schedule.crowd("b") == ["a"]


def test_a_model_is_quiet_when_nobody_has_used_it_for_so_long() -> None:
    house, row = two(cache=2), ready("a")
    house.add(row)
    house.turn()
    house.turn(100)
    row.held = True
    assert house.schedule.next_quiet(60) is None
    house.schedule.remove(row)
    house.turn(100)
    assert house.schedule.quiet(house.now + 59, 60) == []
    assert house.schedule.next_quiet(60) == house.now + 60
    assert house.schedule.quiet(house.now + 60, 60) == ["a"]


def test_fewer_slots_after_memory_ran_out_but_one_at_least() -> None:
    house = House(facts("a", 3))
    batch = house.schedule.places["a"].batch
    for slots in (1, 1):
        house.schedule.unloaded("a")
        batch.halve()
        assert batch.slots == slots
    house.add(ready("a"), ready("a"))
    house.turn()
    assert len(house.moved()) == 1


@given(
    st.integers(1, 2),
    st.lists(
        st.tuples(
            st.sampled_from(["submit", "submit", "remove", "hold", "free", "dry", "feed", "wait", "fail"]),
            st.sampled_from("abc"),
            st.sampled_from(Priority),
            st.integers(0, 20),
        ),
        max_size=50,
    ),
)
def test_slots_never_clash_memory_never_overflows_and_everybody_is_served(
    cache: int, moves: list[tuple[str, str, Priority, int]]
) -> None:
    house = House(facts("a", 1), facts("b", 2), facts("c", 1, light=True), cache=cache)
    rows: list[Row] = []
    held: dict[tuple[str, int], Row] = {}

    def check(made: Round) -> None:
        for name, plan in made.plans.items():
            for slot in plan.leave:
                held.pop((name, slot), None)
            for row, slot in plan.park:
                assert held.pop((name, slot)) is row
            for row, slot in plan.join:
                assert (name, slot) not in held
                held[name, slot] = row
            for row, slot in plan.step:
                assert held[name, slot] is row
                assert not row.idle
        for name in made.unload:
            assert not [key for key in held if key[0] == name], "rows of a model that makes way are parked"
        assert len(house.memory - {"c"}) <= cache

    for move, model, priority, value in moves:
        if move == "submit":
            rows.append(ready(model, priority))
            house.add(rows[-1])
        elif move == "fail" and model in house.memory:
            for row in house.schedule.places[model].batch.seated():
                house.schedule.remove(row)
            house.schedule.unloaded(model)
            held = {key: row for key, row in held.items() if key[0] != model}
        elif rows:
            row = rows[value % len(rows)]
            if move == "remove":
                house.schedule.remove(row)
            elif move in ("hold", "free"):
                row.held = move == "hold"
            elif move in ("dry", "feed"):
                row.dry = move == "dry"
        check(house.turn(value / 2 if move == "wait" else 0.1))
    waiting = {row for row in house.schedule.rows if not row.idle}
    for _ in range(4000):
        if not waiting:
            break
        made = house.turn(0.5)
        check(made)
        for plan in made.plans.values():
            for row, _ in plan.step:
                waiting.discard(row)
                house.schedule.remove(row)  # it says one frame and goes
    assert not waiting, "nobody starves"


def test_a_model_that_comes_later_is_served_in_order_of_arrival() -> None:
    house = House(facts("a", 2))
    first, third = ready("a"), ready("a")
    house.add(first, third)
    house.schedule.add(facts("b"))
    second = ready("b")
    house.add(second)
    assert first.order < third.order < second.order
    house.turn()
    assert house.memory == {"a"}
    house.schedule.remove(first)
    house.schedule.remove(third)
    house.turn()
    assert house.memory == {"b"}
    assert house.moved() == {second}
