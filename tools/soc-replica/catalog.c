#include "catalog.h"

#include <stdio.h>
#include <string.h>

/* Ticks after which a seat that comes and goes starts over. */
#define SEAT_PERIOD 160

/* Percent of a spring's courses that a term has; 0: no such term. */
static const int shares[10] = { 8, 100, 0, 0, 0, 0, 0, 35, 0, 100 };

int
world_init(struct world *w, uint64_t seed, int percent, int64_t year,
    int64_t term, const char *campus, int64_t tick)
{
	int i;

	if (year < 2000 || year > 2099 || term < 0 || term > 9 ||
	    shares[term] == 0)
		return -1;
	for (i = 0; i < ncampuses; i++)
		if (strcmp(campuses[i].code, campus) == 0)
			break;
	if (i == ncampuses)
		return -1;
	w->key = dice_mix(dice_mix(dice_mix(seed, (uint64_t)year),
	    (uint64_t)term), (uint64_t)i);
	w->year = (int)year;
	w->term = (int)term;
	w->percent = percent;
	w->campus = &campuses[i];
	w->tick = tick;
	return 0;
}

struct dice
world_dice(const struct world *w, enum purpose p, int64_t id, int64_t period)
{
	struct dice d = dice_for(w->key, p, id);
	int64_t phase;

	if (period > 0) {
		phase = dice_below(&d, (int)period);
		d.state = dice_mix(d.state,
		    (uint64_t)((w->tick + phase) / period));
	}
	return d;
}

int
world_courses(const struct world *w)
{
	int n = w->campus->courses * shares[w->term] / 100 * w->percent / 100;

	return n > 8 ? n : 8;
}

/* Find the area of course n and n's place within it. */
static void
find_area(const struct world *w, int n, struct head *h)
{
	const struct campus *c = w->campus;
	int i, first = 0, next = 0, sum = 0, total = 0;

	for (i = 0; i < c->nareas; i++)
		total += c->areas[i].weight;
	for (i = 0; i < c->nareas; i++) {
		sum += c->areas[i].weight;
		next = (int)((int64_t)world_courses(w) * sum / total);
		if (n < next)
			break;
		first = next;
	}
	h->area = &c->areas[i];
	h->unit = &c->units[h->area->unit];
	h->in_area = n - first;
	/* Course numbers 101 to 499 or 501 to 878, spread evenly. */
	h->code = h->unit->level == 'U' ? 101 + h->in_area * 398 /
	    (next - first) : 501 + h->in_area * 377 / (next - first);
	if (h->in_area == 1 && i % 8 < 2) {
		/* The first once more: off campus, or as a supplement. */
		h->code = h->unit->level == 'U' ? 101 : 501;
		h->away = i % 8 == 0;
		h->supplement = h->away ? "  " : c->supplement;
	}
}

/* Most courses have one section, a few have very many. */
static int
throw_slots(const struct world *w, int n)
{
	static const int small[] = { 787, 899, 931, 957, 967, 975, 980, 987,
	    991, 995, 998, 1000 };
	struct dice d = world_dice(w, FOR_SIZE, n, 0);
	int i, roll;

	if (dice_below(&d, 1000) >= w->campus->big) {
		roll = dice_below(&d, 1000);
		for (i = 0; roll >= small[i]; i++)
			;
		return i + 1;
	}
	roll = dice_below(&d, 100);
	if (roll < 62)
		return 13 + dice_below(&d, 9);
	if (roll < 88)
		return 22 + dice_below(&d, 19);
	return 41 + dice_below(&d, SECTIONS_MAX - 40);
}

static int
throw_kind(const struct world *w, const struct unit *unit, int n)
{
	struct dice d = world_dice(w, FOR_KIND, n, 0);
	int roll = dice_below(&d, 100), i;

	for (i = 0; i < nkinds - 1; i++) {
		roll -= unit->level == 'U' ? kinds[i].of_u : kinds[i].of_g;
		if (roll < 0)
			break;
	}
	return i;
}

static int
online_kind(void)
{
	int i = 0;

	while (kinds[i].pattern != ONLINE)
		i++;
	return i;
}

void
world_head(const struct world *w, int n, struct head *h)
{
	h->number = n;
	h->away = 0;
	h->supplement = "  ";
	find_area(w, n, h);
	h->slots = throw_slots(w, n);
	h->kind = w->campus->online ? online_kind() :
	    throw_kind(w, h->unit, n);
}

/*
 * A slot is empty for a fiftieth of its period; with about as many ticks
 * in a period as there are courses, two or three sections appear and as
 * many go at each tick.
 */
int
world_present(const struct world *w, int slot)
{
	int period = world_courses(w) > 64 ? world_courses(w) : 64;
	struct dice d = world_dice(w, FOR_PRESENCE, slot, 0);

	return (w->tick + dice_below(&d, period)) % period >= period / 50;
}

/*
 * A third of all sections never fill up and some are never open; the rest
 * close once in a period, for up to a quarter of it: 0.8 % change a tick.
 */
int
world_open(const struct world *w, int slot, int64_t tick)
{
	struct dice d = world_dice(w, FOR_SEAT, slot, 0);
	int64_t roll = dice_below(&d, 100), at, from;

	if (roll < 36)
		return roll < 30;
	at = tick + dice_below(&d, SEAT_PERIOD);
	d = dice_for(d.state, FOR_SEAT_TIME, at / SEAT_PERIOD);
	at %= SEAT_PERIOD;
	from = dice_below(&d, SEAT_PERIOD);
	return at < from || at >= from + 1 + dice_below(&d, SEAT_PERIOD / 4);
}

/*
 * What courses.json says: it is cached for longer than the list, so a few
 * seats that have just changed still show their old state there.
 */
static int
catalog_open(const struct world *w, int slot)
{
	struct dice d = world_dice(w, FOR_LAG, slot, 0);
	int now = world_open(w, slot, w->tick);

	if (slot % 4001 == 29)
		return !now;
	if (w->tick > 0 && dice_percent(&d, 3))
		return world_open(w, slot, w->tick - 1);
	return now;
}

int
world_index(const struct world *w, int slot)
{
	return w->campus->first_index + slot;
}

static void
fill_section(const struct world *w, const struct head *h, int k, int slot,
    struct section *s)
{
	struct dice d = world_dice(w, FOR_SECTION, slot, 0);

	*s = (struct section){ k, slot, h->kind, 0, catalog_open(w, slot) };
	/* Some sections of a taught course are online instead. */
	if (kinds[s->kind].pattern <= LONG && k > 0 && dice_percent(&d, 15))
		s->kind = online_kind();
	switch (kinds[s->kind].pattern) {
	case ARRANGED:
		s->place = w->campus->arranged;
		break;
	case ONLINE:
	case REMOTE:
		s->place = w->campus->remote;
		break;
	default:
		s->place = dice_below(&d, w->campus->nplaces);
	}
}

void
world_course(const struct world *w, int n, int first, struct course *c)
{
	int k, slot;

	world_head(w, n, &c->head);
	c->first_slot = first;
	c->n = c->nopen = 0;
	for (k = 0; k < c->head.slots; k++) {
		slot = first + k;
		if (world_index(w, slot) > w->campus->last_index)
			break;
		if (!world_present(w, slot))
			continue;
		fill_section(w, &c->head, k, slot, &c->sections[c->n]);
		c->nopen += c->sections[c->n++].open;
	}
}

int
world_slot_of(const struct world *w, int from, int slot, int to)
{
	struct head h;

	for (; from < to; from++) {
		world_head(w, from, &h);
		slot += h.slots;
	}
	for (; from > to; from--) {
		world_head(w, from - 1, &h);
		slot -= h.slots;
	}
	return slot;
}

void
section_number(int k, int kind, char out[4])
{
	if (k < 10 && kinds[kind].type == 'O')
		snprintf(out, 4, "9%d", k % 10);
	else if (k < 89)
		snprintf(out, 4, "%02d", (k + 1) % 100);
	else
		snprintf(out, 4, "%c%d", 'A' + (k - 89) / 10 % 26, k % 10);
}
