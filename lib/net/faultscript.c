#include "net/faultscript.h"

#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/num.h"
#include "base/rng.h"

#define BIT(kind) (1u << (kind))
#define ALL (~0u)
#define BIG ((int64_t)1 << 40)
#define DAY_MS ((int64_t)86400 * 1000)
#define TEN_YEARS_S ((int64_t)3653 * 86400)

struct rule {
	struct fault fault;
	char *pattern;			/* owned, with to and as behind it */
	int64_t skip, count, chance;	/* count and chance -1: all */
	int each;
};

/* How many requests have reached a rule, or a rule and a key. */
struct seen {
	uint64_t hash;			/* 0: free */
	int64_t n;
};

struct faultscript {
	pthread_mutex_t lock;		/* seen */
	uint64_t seed;
	struct rule *rules;		/* owned */
	size_t n;
	struct seen *seen;		/* owned; open addressing */
	size_t used, cap;		/* cap is a power of two */
};

static const struct kind {
	const char *name;
	enum fault_kind kind;
	const char *needs;		/* a member without a default */
} kinds[] = {
	{ "html", FAULT_HTML, NULL }, { "denied", FAULT_DENIED, NULL },
	{ "redirect", FAULT_REDIRECT, "to" }, { "loop", FAULT_LOOP, NULL },
	{ "chain", FAULT_CHAIN, NULL }, { "empty", FAULT_EMPTY, NULL },
	{ "half", FAULT_HALF, NULL }, { "truncated", FAULT_TRUNCATED, NULL },
	{ "utf8", FAULT_UTF8, NULL }, { "other", FAULT_OTHER, "as" },
	{ "late", FAULT_LATE, "delay" }, { "cut_gzip", FAULT_CUT_GZIP, NULL },
	{ "damaged", FAULT_DAMAGED, NULL }, { "length", FAULT_LENGTH, "by" },
	{ "reset", FAULT_RESET, NULL }, { "drip", FAULT_DRIP, NULL },
	{ "close", FAULT_CLOSE, NULL }, { "silent", FAULT_SILENT, NULL },
	{ "endless", FAULT_ENDLESS, NULL }, { "bomb", FAULT_BOMB, NULL }
};

#define REDIRECTS (BIT(FAULT_REDIRECT) | BIT(FAULT_LOOP) | BIT(FAULT_CHAIN))
#define SHARES (BIT(FAULT_HALF) | BIT(FAULT_TRUNCATED) |		\
    BIT(FAULT_CUT_GZIP) | BIT(FAULT_DAMAGED) | BIT(FAULT_RESET))
#define AT(m) offsetof(struct rule, m)

static const struct member {
	const char *name;
	size_t at;			/* of an int64_t in the rule */
	int64_t min, max;
	unsigned int kinds;		/* those that have it */
} members[] = {
	{ "skip", AT(skip), 0, BIG, ALL },
	{ "count", AT(count), 1, BIG, ALL },
	{ "chance", AT(chance), 0, 100, ALL },
	{ "delay", AT(fault.delay_ms), 0, DAY_MS, ALL },
	{ "retry_after", AT(fault.retry_after), 0, BIG, BIT(FAULT_STATUS) },
	{ "retry_date", AT(fault.retry_date), 0, TEN_YEARS_S,
	    BIT(FAULT_STATUS) },
	{ "status", AT(fault.status), 300, 399, REDIRECTS },
	{ "share", AT(fault.share), 0, 100, SHARES },
	{ "by", AT(fault.by), -BIG, BIG, BIT(FAULT_LENGTH) },
	{ "rate", AT(fault.rate), 1, BIG, BIT(FAULT_DRIP) },
	{ "size", AT(fault.size), 1, BIG, BIT(FAULT_BOMB) }
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct faultscript *
faultscript_new(uint64_t seed)
{
	struct faultscript *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->seed = seed;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
faultscript_free(struct faultscript *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		free(s->rules[i].pattern);
	free(s->rules);
	free(s->seen);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* The name of what goes wrong, and its defaults. */
static int
read_kind(struct rule *r, const char *word, const char **needs)
{
	const struct kind *k;

	r->count = r->chance = -1;
	r->fault = (struct fault){ .name = "status", .status = 302,
	    .retry_after = -1, .retry_date = -1, .share = 50, .rate = 1,
	    .size = (int64_t)10 << 30 };
	*needs = NULL;
	for (k = kinds; k < kinds + COUNT(kinds); k++)
		if (strcmp(k->name, word) == 0) {
			r->fault.kind = k->kind;
			r->fault.name = k->name;
			*needs = k->needs;
			return 0;
		}
	r->fault.kind = FAULT_STATUS;
	return num_parse(word, 400, 599, &r->fault.status);
}

/* NAME=VALUE, split at the sign; value "" is only right for "each". */
static int
read_member(struct rule *r, const char *name, const char *value)
{
	const struct member *m;
	char *base = (char *)r;
	int64_t number;

	if (strcmp(name, "each") == 0 && *value == '\0') {
		r->each = 1;
		return 0;
	}
	if (strcmp(name, "to") == 0 && r->fault.kind == FAULT_REDIRECT)
		r->fault.to = value;
	else if (strcmp(name, "as") == 0 && r->fault.kind == FAULT_OTHER)
		r->fault.as = value;
	if (r->fault.to == value || r->fault.as == value)
		return *value != '\0' ? 0 : -1;
	for (m = members; m < members + COUNT(members); m++)
		if (strcmp(m->name, name) == 0 &&
		    (m->kinds & BIT(r->fault.kind)) != 0)
			break;
	if (m == members + COUNT(members) ||
	    num_parse(value, m->min, m->max, &number) == -1)
		return -1;
	memcpy(base + m->at, &number, sizeof(number));
	return 0;
}

/* The next word of *s, ended in place; NULL at the end. */
static char *
next_word(char **s)
{
	char *word = *s + strspn(*s, " \t");
	char *end = word + strcspn(word, " \t");

	*s = end + (*end != '\0');
	*end = '\0';
	return end > word ? word : NULL;
}

/* Read the words of line, which r takes over.  What is wrong, or NULL. */
static const char *
read_rule(struct rule *r, char *line, char **word)
{
	const char *needs;
	int complete;
	char *rest = line, *value;

	r->pattern = next_word(&rest);
	if ((*word = next_word(&rest)) == NULL)
		return "a pattern without a fault";
	if (read_kind(r, *word, &needs) == -1)
		return "no such fault";
	complete = needs == NULL;
	while ((*word = next_word(&rest)) != NULL) {
		value = *word + strcspn(*word, "=");
		if (*value != '\0')
			*value++ = '\0';
		if (read_member(r, *word, value) == -1)
			return "no such member of this fault, or its value";
		if (needs != NULL && strcmp(*word, needs) == 0)
			complete = 1;
	}
	return complete ? NULL : "a member that this fault needs is missing";
}

/* One more rule, read from n bytes at line. */
static int
add_rule(struct faultscript *s, const char *line, size_t n, int number,
    char why[FAULTSCRIPT_WHY])
{
	struct rule r = { 0 };
	struct rule *more = realloc(s->rules, (s->n + 1) * sizeof(r));
	char *copy, *word = NULL;
	const char *wrong;

	why[0] = '\0';
	if (more == NULL)
		return -1;
	s->rules = more;
	if ((copy = strndup(line, n)) == NULL)
		return -1;
	if ((wrong = read_rule(&r, copy, &word)) != NULL) {
		snprintf(why, FAULTSCRIPT_WHY, "line %d: %s%s%s", number,
		    word != NULL ? word : "", word != NULL ? ": " : "",
		    wrong);
		free(copy);
		errno = EINVAL;
		return -1;
	}
	s->rules[s->n++] = r;
	return 0;
}

int
faultscript_add(struct faultscript *s, const char *text,
    char why[FAULTSCRIPT_WHY])
{
	int added = 0, number = 1;
	size_t n;

	for (;; text += n) {
		text += strspn(text, " \t\r;");
		n = strcspn(text, *text == '#' ? "\n" : "\r\n;");
		if (n > 0 && *text != '#') {
			if (add_rule(s, text, n, number, why) == -1)
				return -1;
			added++;
		}
		if (text[n] == '\0')
			return added;
		if (text[n] == '\n')
			number++;
		n++;
	}
}

int
faultscript_has(const struct faultscript *s, int (*is)(const struct fault *f))
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (is(&s->rules[i].fault))
			return 1;
	return 0;
}

/* Twice as much room for counts. */
static int
grow(struct faultscript *s)
{
	size_t cap = s->cap > 0 ? 2 * s->cap : 64, i, at;
	struct seen *more = calloc(cap, sizeof(*more));

	if (more == NULL)
		return -1;
	for (i = 0; i < s->cap; i++) {
		if (s->seen[i].hash == 0)
			continue;
		at = s->seen[i].hash & (cap - 1);
		while (more[at].hash != 0)
			at = (at + 1) & (cap - 1);
		more[at] = s->seen[i];
	}
	free(s->seen);
	s->seen = more;
	s->cap = cap;
	return 0;
}

/* Count one more request under hash; how many there were before.  Without
 * memory each looks like the first one. */
static int64_t
count_one(struct faultscript *s, uint64_t hash)
{
	size_t at;

	hash |= hash == 0;
	if (2 * s->used >= s->cap && grow(s) == -1)
		return 0;
	at = hash & (s->cap - 1);
	while (s->seen[at].hash != 0 && s->seen[at].hash != hash)
		at = (at + 1) & (s->cap - 1);
	s->used += s->seen[at].hash == 0;
	s->seen[at].hash = hash;
	return s->seen[at].n++;
}

/* Does rule number i strike at this request for key? */
static int
strikes(struct faultscript *s, size_t i, const char *key)
{
	const struct rule *r = &s->rules[i];
	uint64_t of_key = XXH64(key, strlen(key), i + 1), state;
	int64_t before = 0, n = 0;

	if (r->each || r->chance != -1)
		n = before = count_one(s, of_key);
	if (!r->each)
		before = count_one(s, XXH64("", 0, ~i));
	if (before < r->skip ||
	    (r->count != -1 && before - r->skip >= r->count))
		return 0;
	state = s->seed ^ of_key ^ (uint64_t)n * 0x9e3779b97f4a7c15u;
	return r->chance == -1 ||
	    rng_below(&state, 100) < (uint64_t)r->chance;
}

void
faultscript_take(struct faultscript *s, const char *key, struct fault *f)
{
	size_t i;

	*f = (struct fault){ .kind = FAULT_NONE };
	pthread_mutex_lock(&s->lock);
	for (i = 0; i < s->n && f->kind == FAULT_NONE; i++)
		if (fnmatch(s->rules[i].pattern, key, 0) == 0 &&
		    strikes(s, i, key))
			*f = s->rules[i].fault;
	pthread_mutex_unlock(&s->lock);
}
