/* How a code is chosen: the likeliest so many, their shares, and the one at which the summed shares pass a draw. */
#include "small.h"
#include "steps.h"

typedef struct {
    float score;
    int32_t id;
} guess;

/* Whether a comes before b: likelier, or as likely with a lower id. What is no number comes before nothing. */
static int before(guess a, guess b) { return a.score > b.score || (a.score == b.score && a.id < b.id); }

/* Let what stands at the root of a heap, whose last comes first, sink to its place. */
static void sink(guess *heap, int count) {
    const guess moved = heap[0];
    int at = 0;
    for (int child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(heap[child], heap[child + 1])) child++;
        if (!before(moved, heap[child])) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* The likeliest `width` of them, the likeliest first. */
static void likeliest(int count, const float *logits, int width, guess *best) {
    int held = 0;
    for (int id = 0; id < count; id++) {
        const guess one = {logits[id], id};
        if (held < width) {
            int at = held++;
            for (int parent; at && before(best[parent = (at - 1) / 2], one); at = parent) best[at] = best[parent];
            best[at] = one;
        } else if (one.score > best[0].score) { /* a later id does not take the place of one as likely */
            best[0] = one;
            sink(best, held);
        }
    }
    while (held > 1) {
        const guess last = best[0];
        best[0] = best[--held];
        best[held] = last;
        sink(best, held);
    }
}

/* The first at which the shares, added up in double as torch does, pass the draw; shares become their sums. */
static int drawn(int width, float *shares, float draw) {
    double sum = 0;
    for (int at = 0; at < width; at++) shares[at] = (float)(sum += (double)shares[at]);
    int at = 0;
    const float wanted = draw * shares[width - 1];
    while (at < width - 1 && shares[at] <= wanted) at++;
    return at;
}

/* An id goes when the likelier ones make up the wanted mass without it. */
static void narrow(int width, float *shares, float mass) {
    double sum = 0;
    for (int at = 0; at < width; at++) {
        const float share = shares[at];
        if ((float)(sum += (double)share) - share >= mass) shares[at] = 0;
    }
}

size_t vn_choose_bytes(int count) { return (size_t)vn_scores(count) * (sizeof(float) + sizeof(guess)); }

int vn_choose(int count, const float *logits, const vn_rule *rule, float draw, void *room) {
    const int width = rule->width < 1 ? 1 : rule->width < count ? rule->width : count;
    if (width == 1) {
        int best = 0;
        for (int id = 1; id < count; id++) best = logits[id] > logits[best] ? id : best;
        return best;
    }
    float *shares = room;
    guess *best = (guess *)(shares + vn_scores(count));
    likeliest(count, logits, width, best);
    for (int at = 0; at < width; at++) shares[at] = best[at].score * rule->hotness;
    const float total = vn_small_used()->soften(width, shares);
    for (int at = 0; at < width; at++) shares[at] /= total;
    if (rule->mass <= 1) narrow(width, shares, rule->mass);
    return best[drawn(width, shares, draw)].id;
}
