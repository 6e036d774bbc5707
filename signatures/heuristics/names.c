// SPDX-License-Identifier: GPL-3.0-or-later
// What heuristics ask of a name, of a domain or of a file: its registered domain, whether it is the Internet's, what it ends in.
#include <xxhash.h>
#include "signatures/heuristics/heuristics_internal.h"

static bool is_below(struct span name, const char *domain)
{
	size_t len = strlen(domain);
	return name.len >= len && strncasecmp((const char *)name.data + name.len - len, domain, len) == 0 &&
	       (name.len == len || name.data[name.len - len - 1] == '.');
}

// Ends of names come again under ever new names: each is looked up once.
static bool is_suffix(struct heuristics_worker *worker, struct span end)
{
	char text[CANONICAL_NAME_MAX + 1];
	uint64_t hash = XXH3_64bits_withSeed(end.data, end.len, worker->seed);
	uint64_t *known = &worker->suffixes_known[hash >> 8 & (SUFFIXES - 1)];
	if (*known >> 1 != hash >> 1 || !*known) {
		memcpy(text, end.data, end.len);
		text[end.len] = 0;
		*known = (hash & ~1ull) | (psl_is_public_suffix(worker->suffixes, text) != 0);
	}
	return *known & 1;
}

#define SUFFIX_LABELS_MAX 8 // none has more

// As psl_unregistrable_domain has it: the longest end that is a suffix; the last label always is.
static uint32_t find_suffix(struct heuristics_worker *worker, struct span name)
{
	uint32_t starts[SUFFIX_LABELS_MAX + 1];
	unsigned count = 0;
	for (uint32_t i = name.len; i-- > 0 && count < SUFFIX_LABELS_MAX + 1;)
		if (!i || name.data[i - 1] == '.')
			starts[count++] = i;
	while (count > 1 && !is_suffix(worker, span_from(name, starts[count - 1])))
		count--;
	return starts[count - 1];
}

struct span registered_domain(struct heuristics_worker *worker, struct span name, uint32_t *suffix_at)
{
	*suffix_at = name.len;
	if (!name.len || name.len > CANONICAL_NAME_MAX)
		return span_of(NULL, 0);
	*suffix_at = find_suffix(worker, name);
	if (*suffix_at < 2 || *suffix_at == name.len) // the name is a suffix itself
		return span_of(NULL, 0);
	uint32_t at = *suffix_at - 1; // its dot: one label more is the domain
	while (at && name.data[at - 1] != '.')
		at--;
	return span_from(name, at);
}

#define TEXT(text)                     \
	{                              \
		sizeof(text) - 1, text \
	}
struct text {
	uint32_t len;
	const char *text;
};

static bool is_among(struct span word, const struct text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i].len == word.len && memcmp(texts[i].text, word.data, word.len) == 0)
			return true;
	return false;
}

// Where the label begins that ends at end.
static uint32_t label_at(struct span name, uint32_t end)
{
	while (end && name.data[end - 1] != '.')
		end--;
	return end;
}

bool is_ignored(const struct check *check, struct span name)
{
	static const struct text inside[] = { TEXT("arpa"), TEXT("local"), TEXT("localdomain"), TEXT("lan"),
		TEXT("home"), TEXT("internal"), TEXT("corp"), TEXT("intranet"), TEXT("invalid"), TEXT("localhost"),
		TEXT("workgroup"), TEXT("test") };
	// Lists that programs ask by trade: names below them are addresses and domains somebody else is asked about. All of two labels
	static const struct text lists[] = { TEXT("spamhaus.org"), TEXT("spamhaus.net"), TEXT("spamcop.net"),
		TEXT("surbl.org"), TEXT("uribl.com"), TEXT("barracudacentral.org"), TEXT("dnswl.org"),
		TEXT("sorbs.net"), TEXT("mailspike.net"), TEXT("mailspike.org"), TEXT("senderbase.org"),
		TEXT("senderscore.com"), TEXT("abuseat.org"), TEXT("invaluement.com"), TEXT("uceprotect.net"),
		TEXT("cymru.com"), TEXT("mcafee.com"), TEXT("sophosxl.net"), TEXT("sophosxl.com"), TEXT("e5.sk") };
	const struct heuristics_worker *worker = check->worker;
	const struct option_list *ignored = &worker->config->ignore_domains;
	uint32_t last = label_at(name, name.len);
	if (!last) // of one label
		return true;
	if (is_among(span_from(name, last), inside, sizeof(inside) / sizeof(inside[0])) ||
		is_among(span_from(name, label_at(name, last - 1)), lists, sizeof(lists) / sizeof(lists[0])))
		return true;
	for (unsigned i = 0; i < worker->own_count; i++) // search lists add the site's own
		if (is_below(name, worker->own[i].name))
			return true;
	for (size_t i = 0; i < ignored->count; i++)
		if (is_below(name, ignored->values[i]))
			return true;
	return false;
}

// Top-level domains where most of what is visited lives. Cheap mass registrations are elsewhere.
bool is_rare_tld(struct span name)
{
	static const char common[] = " com net org edu gov mil int info biz io co ai app dev me tv us uk de fr it es "
				     "nl be ch at se no dk fi is ee lv lt pl cz sk si hr "
				     "hu ro bg gr pt ie lu ru ua by kz rs tr il ir sa ae in pk bd lk jp kr cn tw hk sg "
				     "my th vn id ph au nz za ke ng eg ma br mx ar cl "
				     "pe uy ve ec ca eu asia cloud tech google goog arpa local "
				     "localdomain lan home internal corp intranet test example invalid localhost ";
	char word[16];
	uint32_t at = name.len;
	while (at && name.data[at - 1] != '.')
		at--;
	uint32_t len = name.len - at;
	if (!at || !len || len + 3 > sizeof(word))
		return at != 0;
	word[0] = ' ';
	memcpy(word + 1, name.data + at, len);
	word[len + 1] = ' ';
	word[len + 2] = 0;
	return !strcasestr(common, word);
}

bool ends_in(struct span text, const char *const *ends, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(ends[i]);
		if (text.len > len && strncasecmp((const char *)text.data + text.len - len, ends[i], len) == 0)
			return true;
	}
	return false;
}

bool is_harmless_name(struct span name)
{
	static const char *const others[] = { ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".ico", ".txt", ".css", ".js",
		".htm", ".html", ".pdf", ".woff", ".woff2", ".svg", ".xml", ".json", ".mp3", ".mp4", ".doc", ".xls",
		".log", ".csv", ".rtf", ".webp" };
	return ends_in(name, others, sizeof(others) / sizeof(others[0]));
}
