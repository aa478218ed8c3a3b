"""The rules of one model's slots, over plain objects."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.batch import QUANTUM_FRAMES, Batch, Plan, Priority, Row


def ready(priority: Priority = Priority.INTERACTIVE, deadline: float | None = None) -> Row:
    return Row(priority=priority, deadline=deadline, dry=False)


def submit(batch: Batch, *rows: Row) -> None:
    for row in rows:
        batch.submit(row)


def turn(batch: Batch, now: float = 0) -> Plan:
    plan = Plan()
    batch.expire(plan, now)
    batch.seat(plan, now)
    batch.move(plan, now)
    return plan


def stepped(plan: Plan) -> list[Row]:
    return [row for row, _ in plan.step]


def test_rows_get_free_slots_in_order_of_arrival() -> None:
    batch = Batch(slots=2, width=2)
    first, second, third = ready(), ready(), ready()
    submit(batch, first, second, third)
    assert stepped(turn(batch)) == [first, second]
    assert (batch.speaking, batch.waiting) == (2, 1)


def test_the_more_urgent_goes_first() -> None:
    batch = Batch(slots=1, width=1)
    preview, reply = ready(Priority.PREVIEW), ready(Priority.REPLY)
    submit(batch, preview, reply)
    assert stepped(turn(batch)) == [reply]


def test_a_batch_row_is_parked_for_a_reply_at_the_next_frame_and_comes_back() -> None:
    batch = Batch(slots=1, width=1)
    book = ready(Priority.BATCH)
    batch.submit(book)
    assert stepped(turn(batch)) == [book]
    reply = ready(Priority.REPLY)
    batch.submit(reply)
    plan = turn(batch)
    assert plan.park == [(book, 0)]
    assert stepped(plan) == [reply]
    assert book.parked
    batch.remove(reply)
    plan = turn(batch)
    assert plan.leave == [0]
    assert plan.join == [(book, 0)]
    assert stepped(plan) == [book]


def test_an_idle_row_gives_its_slot_to_anybody() -> None:
    batch = Batch(slots=1, width=1)
    reply, book = ready(Priority.REPLY), ready(Priority.BATCH)
    batch.submit(reply)
    turn(batch)
    reply.held = True
    batch.submit(book)
    assert stepped(turn(batch)) == [book]
    reply.held = False
    assert stepped(turn(batch)) == [reply]


def test_an_idle_row_keeps_its_slot_while_nobody_wants_it() -> None:
    batch = Batch(slots=1, width=1)
    row = ready()
    batch.submit(row)
    turn(batch)
    row.held = True
    plan = turn(batch)
    assert not plan
    assert row.slot == 0


def test_equals_share_by_quantum() -> None:
    batch = Batch(slots=1, width=1)
    long, short = ready(), ready()
    batch.submit(long)
    turn(batch)
    batch.submit(short)
    turns = [stepped(turn(batch))[0] for _ in range(4 * QUANTUM_FRAMES)]
    assert turns.index(short) == QUANTUM_FRAMES - 1
    assert {turns.count(long), turns.count(short)} == {2 * QUANTUM_FRAMES}


def test_a_dry_row_waits_without_a_slot() -> None:
    batch = Batch(slots=1, width=1)
    row = Row()
    batch.submit(row)
    assert not turn(batch)
    row.dry = False
    assert stepped(turn(batch)) == [row]


def test_a_deadline_expires_waiting_and_speaking_rows() -> None:
    batch = Batch(slots=1, width=1)
    speaking, waiting = ready(deadline=5), ready(deadline=3)
    batch.submit(speaking)
    turn(batch)
    batch.submit(waiting)
    assert turn(batch, 3).expire == [waiting]
    plan = turn(batch, 5)
    assert plan.expire == [speaking]
    assert plan.leave == [0]
    assert not batch.rows


def test_removing_twice_frees_one_slot() -> None:
    batch = Batch(slots=1, width=1)
    row = ready()
    batch.submit(row)
    turn(batch)
    batch.remove(row)
    batch.remove(row)
    assert turn(batch).leave == [0]
    assert not turn(batch)


def test_a_narrow_step_goes_round() -> None:
    batch = Batch(slots=3, width=1)
    rows = [ready(), ready(), ready()]
    submit(batch, *rows)
    assert [stepped(turn(batch))[0] for _ in range(6)] == rows * 2


@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.lists(
        st.one_of(
            st.tuples(st.just("submit"), st.sampled_from(Priority)),
            st.tuples(st.sampled_from(["remove", "hold", "free", "dry", "feed"]), st.integers(0, 20)),
        ),
        max_size=60,
    ),
)
def test_slots_never_clash_and_nobody_is_lost(slots: int, width: int, moves: list[tuple[str, int]]) -> None:
    batch = Batch(slots, width)
    rows: list[Row] = []
    held: dict[int, Row] = {}
    for move, value in moves:
        if move == "submit":
            rows.append(ready(Priority(value)))
            batch.submit(rows[-1])
        elif rows:
            row = rows[value % len(rows)]
            if move == "remove":
                batch.remove(row)
            elif move in ("hold", "free"):
                row.held = move == "hold"
            else:
                row.dry = move == "dry"
        plan = turn(batch)
        for slot in plan.leave:
            held.pop(slot, None)
        for row, slot in plan.park:
            assert held.pop(slot) is row
        for row, slot in plan.join:
            assert slot not in held
            held[slot] = row
        for row, slot in plan.step:
            assert held[slot] is row
            assert not row.idle
        assert len(plan.step) <= width
        assert len(held) <= slots
        waiting = [row for row in batch.rows if row.slot is None and not row.idle]
        assert not waiting or len(held) == slots
        speaking = [row for row in batch.rows if row.slot is not None]
        assert not waiting or min(r.priority for r in waiting) >= max(r.priority for r in speaking if not r.idle)
