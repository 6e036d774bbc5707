// SPDX-License-Identifier: GPL-3.0-or-later
// What the store of indicators costs: reputation [INDICATORS [FILE]]. Builds a store of synthetic indicators of all kinds from eight feeds, and prints how
// long that took, how large the file is, and what lookups cost that find something and that do not, in random order, each asked once.
//
// Each figure is the median of runs of BATCH lookups (the clock alone costs as much as one), twice: "in a row", where the processor begins one before the
// last has ended, and "alone", where it may not, as if other work lay between them. Beside them stands what the machine takes, at the same time, for one
// read of a random line of as many bytes as the filter has: less than that no lookup alone can cost. Nothing here is a test.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/store.h"
#include "signatures/reputation/store_build.h"

#define BATCH   32
#define BATCHES 20000
#define FEEDS   8
#define NOW     1790000000u

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
};

static bool ask_value(const struct store *store, const struct question *question)
{
	struct store_match match;
	return store_match_value(store, false, INDICATOR_FILE_SHA256, question->text.indicator.value, NOW, &match);
}

static bool ask_domain(const struct store *store, const struct question *question)
{
	struct store_match match;
	return store_match_domain(store, false, question->text.indicator.value, NOW, &match);
}

static bool ask_url(const struct store *store, const struct question *question)
{
	struct store_match match;
	return store_match_url(store, false, &question->url, NOW, &match);
}

static bool ask_address(const struct store *store, const struct question *question)
{
	struct address address = address_v6(question->text.bytes);
	struct store_match match;
	return store_match_address(store, false, &address, 443, NOW, &match);
}

static inline void wait_for_it(void)
{
#ifdef __x86_64__
	__builtin_ia32_lfence();
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

static void measure(const struct store *store, const char *what, enum indicator_kind kind, enum asked asked,
	uint64_t count, bool (*ask)(const struct store *, const struct question *))
{
	// Small: what is asked for is in the first cache, as if just read from a packet
	static struct question questions[BATCH];
	static uint8_t url_bytes[INDICATOR_VALUE_MAX];
	static double costs[2][BATCHES / 2];
	unsigned found = 0;
	uint64_t next = 1;
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		for (unsigned i = 0; i < BATCH; i++) {
			make(pick(asked, kind, count, &next), kind, &questions[i].text);
			if (kind == INDICATOR_URL)
				make_url(&questions[i], url_bytes);
		}
		uint64_t began = now_ns();
		for (unsigned i = 0; i < BATCH; i++) {
			found += ask(store, &questions[i]);
			if (batch & 1)
				wait_for_it();
		}
		costs[batch & 1][batch / 2] = (double)(now_ns() - began) / BATCH;
	}
	for (unsigned alone = 0; alone < 2; alone++)
		qsort(costs[alone], BATCHES / 2, sizeof(**costs), by_number);
	printf("%-32s in a row %6.1f ns (9 of 10 under %6.1f), alone %6.1f ns (%6.1f), %5.1f %% found\n", what,
		costs[0][BATCHES / 4], costs[0][BATCHES * 9 / 20], costs[1][BATCHES / 4], costs[1][BATCHES * 9 / 20],
		100.0 * found / (BATCH * BATCHES));
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
	printf("%-32s                                        alone %6.1f ns (%6.1f)\n", "one read of memory, no lookup",
		costs[BATCHES / 2], costs[BATCHES * 9 / 10]);
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
	measure(store, "domain, not listed, 3 labels", INDICATOR_DOMAIN, OTHERS, count, ask_domain);
	measure(store, "domain, not listed, the usual", INDICATOR_DOMAIN, USUAL, count, ask_domain);
	measure(store, "URL, not listed", INDICATOR_URL, OTHERS, count, ask_url);
	measure(store, "URL, not listed, the usual", INDICATOR_URL, USUAL, count, ask_url);
	measure(store, "address, not listed, any port", INDICATOR_ADDRESS, OTHERS, count, ask_address);
	measure(store, "file hash, not listed", INDICATOR_FILE_SHA256, OTHERS, count, ask_value);
	measure(store, "domain, listed", INDICATOR_DOMAIN, LISTED, count, ask_domain);
	measure(store, "URL, listed", INDICATOR_URL, LISTED, count, ask_url);
	measure(store, "address, listed", INDICATOR_ADDRESS, LISTED, count, ask_address);
	measure(store, "file hash, listed", INDICATOR_FILE_SHA256, LISTED, count, ask_value);
	memory_line("RssFile");
	memory_line("RssAnon");
	store_close(store);
	unlink(path);
	return 0;
}
