// SPDX-License-Identifier: GPL-3.0-or-later
// What the store of indicators costs: reputation [INDICATORS [FILE]]. Builds a store of synthetic indicators of all kinds from eight feeds, and prints how
// long that took, how large the file is, and what lookups cost that find something and that do not, in random order.
//
// Lookups are timed BATCH at a time, as the clock ticks too slowly for one (10 ns on some machines); what reading the clock takes is taken off. A row's figures are
// nanoseconds a lookup: the median, the mean without the highest hundredth, and the ninth tenth of BATCHES batches, each of other values.
//   in the sensor  as its pipeline does it: lookup_ahead for each value when it is read, then what stands for the inspection of the packet, then lookup_find
//                  for each. Counted: both steps, with what the processor does of one value while it is at another (it does so in the sensor, too). Not
//                  counted: the inspection between them (WORK_STEPS multiplications in a chain, a third of a microsecond; a packet takes several), and
//                  making the value canonical, which is in the cache. Other work's use of the caches is not there to see
//   alone          the same, but no lookup begins before the one before it has ended (a fence in between, counted)
//   at once        lookup_find with nothing asked for ahead, alone: it waits for memory
// Beside them stands what the machine takes, at the same time, for one read of a random line of as many bytes as the filter has: less than that no lookup
// of what was never asked for can cost when nothing is asked for ahead. Nothing here is a test.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/lookup.h"
#include "signatures/reputation/store_build.h"

#define BATCH      16
#define BATCHES    20000
#define WORK_STEPS 300
#define FEEDS      8
#define NOW        1790000000u

// Share of each kind, of 100.
static const struct {
	enum indicator_kind kind;
	unsigned share;
} shares[] = {
	{ INDICATOR_DOMAIN, 55 },
	{ INDICATOR_ADDRESS, 17 },
	{ INDICATOR_URL, 12 },
	{ INDICATOR_FILE_SHA256, 8 },
	{ INDICATOR_FILE_MD5, 3 },
	{ INDICATOR_ENDPOINT, 2 },
	{ INDICATOR_NETWORK, 1 },
	{ INDICATOR_JA4, 1 },
	{ INDICATOR_EMAIL, 1 },
};

static uint64_t mixed(uint64_t x) // splitmix64: the nth number of a fixed sequence
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static enum indicator_kind kind_of(uint64_t n)
{
	unsigned at = (unsigned)(mixed(n ^ 0x5bd1e995) % 100), i = 0;
	while (at >= shares[i].share)
		at -= shares[i++].share;
	return shares[i].kind;
}

#define TEXT_MAX 100
struct text {
	uint8_t bytes[TEXT_MAX];
	struct indicator indicator;
};

// The nth indicator, of its kind; which of two sets (those listed, those never listed) by the top bit of n.
static void make(uint64_t n, enum indicator_kind kind, struct text *out)
{
	uint64_t a = mixed(n), b = mixed(a), c = mixed(b), d = mixed(c);
	char *text = (char *)out->bytes;
	out->indicator = (struct indicator) { .kind = (uint8_t)kind, .confidence = (uint8_t)(20 + n % 5 * 20) };
	int len = 0;
	switch (kind) {
	case INDICATOR_DOMAIN:
		if (a & 1 && !(n >> 63)) // half of the listed ones have two labels, what is not listed three
			len = snprintf(text, TEXT_MAX, "%llx%u.net", (unsigned long long)b >> 16, (unsigned)(c % 900));
		else
			len = snprintf(
				text, TEXT_MAX, "%llx.example%u.net", (unsigned long long)b >> 16, (unsigned)(c % 900));
		break;
	case INDICATOR_URL:
		len = snprintf(text, TEXT_MAX, "h%llx.example.org/%x/%x/gate.php",
			(unsigned long long)a % 400000 + (n >> 63) * 1000000, (unsigned)(b % 997), (unsigned)c);
		break;
	case INDICATOR_EMAIL: len = snprintf(text, TEXT_MAX, "u%llx@example.org", (unsigned long long)a); break;
	case INDICATOR_JA4:
		len = snprintf(text, TEXT_MAX, "t13d1516h2_%012llx_%012llx", (unsigned long long)a >> 16,
			(unsigned long long)b >> 16);
		break;
	default: break;
	}
	if (!len) {
		const uint64_t raw[4] = { a, b, c, d };
		memcpy(out->bytes, raw, sizeof(raw));
		len = kind == INDICATOR_FILE_SHA256 ? 32 : 16;
	}
	if (kind <= INDICATOR_ENDPOINT) {
		struct address address = address_v4(out->bytes);
		if (kind == INDICATOR_NETWORK)
			address.bytes[15] = 0;
		address.bytes[12] = (uint8_t)(address.bytes[12] >> 1 | (n >> 63 ? 0x80 : 0));
		memcpy(out->bytes, address.bytes, 16);
		out->indicator.bits = 120;
		out->indicator.port = (uint16_t)(d | 1);
	}
	out->indicator.value = span_of(out->bytes, (size_t)len);
}

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make_listed(uint64_t n, struct text *text, char family[32])
{
	make(n, kind_of(n), text);
	snprintf(family, 32, "family-%u", (unsigned)(n * 7 % 600));
	text->indicator.family = span_text(family);
	text->indicator.technique = span_text("T1071.001");
	text->indicator.first_seen_s = NOW - (uint32_t)(n % 8640000);
	text->indicator.expiry_s = n % 3 ? NOW + 8640000 + (uint32_t)(n % 1000) : 0;
}

static void must(bool good, const char *reason)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", reason);
	exit(1);
}

static void build_file(uint64_t count, const char *path)
{
	char error[256], family[32];
	struct store_build *build = store_build_new(2 * count);
	uint32_t feeds[FEEDS];
	uint64_t text_bytes = 0;
	struct text text;
	double began = cpu_s();
	for (uint64_t n = 0; n < count; n++) { // what making them up costs is taken off
		make_listed(n, &text, family);
		text_bytes += text.indicator.value.len;
	}
	double made = cpu_s();
	for (unsigned i = 0; i < FEEDS; i++) {
		snprintf(family, sizeof(family), "feed-%u", i);
		must(build && store_build_feed(build, family, &feeds[i]), "no memory");
	}
	for (uint64_t n = 0; n < count; n++) {
		make_listed(n, &text, family);
		const char *wrong = store_build_add(build, feeds[n % FEEDS], &text.indicator);
		if (!wrong && n % 16 == 0) // of two feeds
			wrong = store_build_add(build, feeds[(n + 1) % FEEDS], &text.indicator);
		must(!wrong, wrong);
	}
	double added = cpu_s();
	uint64_t writing = now_ns();
	must(store_build_write(build, path, 0, NOW, error, sizeof(error)), error);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("build: %.2f s of CPU to add, %.2f s to sort, merge and write (%.2f s by the clock), %ld MB of memory\n",
		(added - made) - (made - began), cpu_s() - added, (double)(now_ns() - writing) / 1e9,
		usage.ru_maxrss / 1024);
	printf("text hashed: %.1f bytes an indicator\n", (double)text_bytes / (double)count);
	store_build_free(build);
}

// Lookups ------------------------------------------------------------------------------------------------------------------------

struct question {
	struct text text;
	struct canonical_url url;
	struct named named;
	struct lookup_ahead ahead;
};

// The processor's clock, once all before it has been done and before anything after it is begun.
static inline uint64_t tick(void)
{
#ifdef __x86_64__
	__builtin_ia32_lfence();
	uint64_t now = __builtin_ia32_rdtsc();
	__builtin_ia32_lfence();
	return now;
#else
	return now_ns();
#endif
}

static int by_number(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

// The canonical URL over the question's own copy of it: ours are canonical already.
static void make_url(struct question *question, uint8_t *out)
{
	struct canonical_url *url = &question->url;
	if (!canonical_url(question->text.indicator.value, out, url))
		exit(1);
	for (struct span *part = &url->whole; part <= &url->query; part++)
		part->data = part->len ? question->text.bytes + (part->data - out) : NULL;
}

// Which indicators are asked for: any listed one, any that is not, or of 131,072 that are not those that networks ask for: the nth most frequent 1/n as
// often as the first (Zipf).
enum asked { LISTED, OTHERS, USUAL };

static uint64_t pick(enum asked asked, enum indicator_kind kind, uint64_t count, uint64_t *next)
{
	uint64_t n = mixed((*next)++);
	if (asked == USUAL)
		return (uint64_t)exp2(17 * (double)(n >> 11) / 0x1p53) | 1ull << 63;
	if (asked == OTHERS)
		return n % count | 1ull << 63;
	while (kind_of(n % count) != kind)
		n = mixed((*next)++);
	return n % count;
}

static void make_question(
	enum asked asked, enum indicator_kind kind, uint64_t count, uint64_t *next, struct question *question)
{
	static uint8_t url_bytes[INDICATOR_VALUE_MAX];
	make(pick(asked, kind, count, next), kind, &question->text);
	question->named = (struct named) { .kind = (uint8_t)kind, .value = question->text.indicator.value };
	if (kind == INDICATOR_URL) {
		make_url(question, url_bytes);
		question->named.url = &question->url;
	} else if (kind == INDICATOR_ADDRESS) {
		question->named.address = address_v6(question->text.bytes);
		question->named.port = 443;
	}
}

static uint64_t work(uint64_t x)
{
	for (unsigned i = 0; i < WORK_STEPS; i++)
		x = x * 0x9e3779b97f4a7c15ull + 1;
	return x;
}

static double ns_per_tick(void)
{
	uint64_t began = now_ns(), ticks = tick();
	while (now_ns() - began < 50000000)
		;
	return (double)(now_ns() - began) / (double)(tick() - ticks);
}

static double mean_of(const double *costs, unsigned count)
{
	double sum = 0;
	for (unsigned i = 0; i < count; i++)
		sum += costs[i];
	return sum / count;
}

enum way { IN_SENSOR, ALONE, AT_ONCE, WAYS };

// What follows is not begun before all before it has been done.
static inline void fence(enum way way)
{
#ifdef __x86_64__
	if (way != IN_SENSOR)
		__builtin_ia32_lfence();
#else
	(void)way;
#endif
}

// Ticks of the clock for a batch of lookups, and how many of them found something.
static uint64_t time_batch(
	const struct store *store, struct question *questions, enum way way, uint64_t *worked, unsigned *found)
{
	struct store_match match;
	uint64_t ahead = 0;
	for (unsigned i = 0; i < BATCH; i++)
		questions[i].named.ahead = way == AT_ONCE ? NULL : &questions[i].ahead;
	if (way != AT_ONCE) {
		uint64_t began = tick();
		for (unsigned i = 0; i < BATCH; i++) {
			lookup_ahead(store, false, &questions[i].named, &questions[i].ahead);
			fence(way);
		}
		ahead = tick() - began;
		*worked += work(*worked);
	}
	uint64_t began = tick();
	for (unsigned i = 0; i < BATCH; i++) {
		*found += lookup_find(store, false, &questions[i].named, NOW, &match);
		fence(way);
	}
	return tick() - began + ahead;
}

// Nanoseconds a lookup of each batch in out, sorted; how many found something.
static unsigned time_batches(const struct store *store, enum indicator_kind kind, enum asked asked, uint64_t count,
	enum way way, double *out)
{
	static struct question questions[BATCH]; // as if just read from a packet: in the first cache
	static double empty[BATCHES];
	unsigned found = 0;
	uint64_t next = 1, worked = 1;
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		for (unsigned i = 0; i < BATCH; i++)
			make_question(asked, kind, count, &next, &questions[i]);
		out[batch] = (double)time_batch(store, questions, way, &worked, &found);
		uint64_t began = tick();
		empty[batch] = (double)(tick() - began);
	}
	qsort(empty, BATCHES, sizeof(*empty), by_number);
	double each = ns_per_tick(), clock = mean_of(empty, BATCHES / 100 * 99) * (way == AT_ONCE ? 1 : 2);
	for (unsigned batch = 0; batch < BATCHES; batch++)
		out[batch] = (out[batch] - clock) * each / BATCH + (worked ? 0 : 1);
	qsort(out, BATCHES, sizeof(*out), by_number);
	return found;
}

static void measure(
	const struct store *store, const char *what, enum indicator_kind kind, enum asked asked, uint64_t count)
{
	static const char *const names[WAYS] = { "in the sensor", "alone", "at once" };
	static double costs[BATCHES];
	unsigned found = 0;
	printf("%-32s", what);
	for (enum way way = 0; way < WAYS; way++) {
		found = time_batches(store, kind, asked, count, way, costs);
		printf(" %s %5.1f ns (mean %5.1f, 9 of 10 under %5.1f),", names[way], costs[BATCHES / 2],
			mean_of(costs, BATCHES / 100 * 99), costs[BATCHES / 10 * 9]);
	}
	printf(" %5.1f %% found\n", 100.0 * found / BATCH / BATCHES);
}

// What a read of a random line costs when the next one depends on it.
static void measure_memory(uint64_t bytes)
{
	static double costs[BATCHES];
	uint64_t count = bytes / 64;
	uint32_t *order = malloc(count * sizeof(*order)), at = 0;
	struct line {
		uint32_t next, rest[15];
	} *lines = aligned_alloc(2u << 20, (bytes | ((2u << 20) - 1)) + 1);
	if (!order || !lines)
		exit(1);
	madvise(lines, (bytes | ((2u << 20) - 1)) + 1, MADV_HUGEPAGE);
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	for (uint64_t i = count - 1; i; i--) {
		uint64_t other = mixed(i) % i;
		uint32_t swapped = order[i];
		order[i] = order[other];
		order[other] = swapped;
	}
	for (uint64_t i = 0; i < count; i++)
		lines[order[i]].next = order[(i + 1) % count];
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		uint64_t began = now_ns();
		for (unsigned i = 0; i < BATCH; i++)
			at = lines[at].next;
		costs[batch] = (double)(now_ns() - began) / BATCH + (at == UINT32_MAX);
	}
	qsort(costs, BATCHES, sizeof(*costs), by_number);
	printf("%-32s                                                 %6.1f ns (%6.1f)\n",
		"one read of memory, no lookup", costs[BATCHES / 2], costs[BATCHES * 9 / 10]);
	free(order);
	free(lines);
}

static void memory_line(const char *wanted)
{
	char line[128];
	FILE *in = fopen("/proc/self/status", "r");
	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, wanted, strlen(wanted)))
			printf("%s", line);
	if (in)
		fclose(in);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
	const char *path = argc > 2 ? argv[2] : "/tmp/sekisho-bench-reputation.store";
	char error[256];
	build_file(count, path);
	uint64_t began = now_ns();
	struct store *store = store_open(path, error, sizeof(error));
	must(store != NULL, error);
	struct store_facts facts;
	store_facts(store, &facts);
	printf("open and check: %.0f ms\n", (double)(now_ns() - began) / 1e6);
	printf("file: %llu entries, %.1f MB, %.2f bytes an entry, of which the filter %.2f\n",
		(unsigned long long)facts.entries, (double)facts.bytes / 1e6,
		(double)facts.bytes / (double)facts.entries, (double)facts.filter_bytes / (double)facts.entries);
	measure_memory(facts.filter_bytes);
	measure(store, "domain, not listed, never asked", INDICATOR_DOMAIN, OTHERS, count);
	measure(store, "domain, not listed, the usual", INDICATOR_DOMAIN, USUAL, count);
	measure(store, "URL, not listed, never asked", INDICATOR_URL, OTHERS, count);
	measure(store, "URL, not listed, the usual", INDICATOR_URL, USUAL, count);
	measure(store, "address, not listed, never asked", INDICATOR_ADDRESS, OTHERS, count);
	measure(store, "address, not listed, the usual", INDICATOR_ADDRESS, USUAL, count);
	measure(store, "file hash, not listed", INDICATOR_FILE_SHA256, OTHERS, count);
	measure(store, "domain, listed", INDICATOR_DOMAIN, LISTED, count);
	measure(store, "URL, listed", INDICATOR_URL, LISTED, count);
	measure(store, "address, listed", INDICATOR_ADDRESS, LISTED, count);
	measure(store, "file hash, listed", INDICATOR_FILE_SHA256, LISTED, count);
	memory_line("RssFile");
	memory_line("RssAnon");
	store_close(store);
	unlink(path);
	return 0;
}
