// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as lists of what is known of addresses and names: the files of iprep, and indicators. What a list has is asked for again, and things near it.
#include <stdlib.h>
#include "signatures/operand/ip_reputation.h"
#include "signatures/reputation/reputation_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool next_line(struct span *text, struct span *line)
{
	if (text->len == 0)
		return false;
	uint32_t end = span_find(*text, '\n', 0);
	*line = span_slice(*text, 0, end);
	*text = span_from(*text, end < text->len ? end + 1 : end);
	return true;
}

static void try_scores(struct span text, const struct address *address)
{
	struct ip_reputation *reputation = ip_reputation_new();
	struct span rest = text, line;
	uint8_t category;
	while (next_line(&rest, &line)) {
		const char *wrong = ip_reputation_category_line(reputation, line);
		const char *also_wrong = ip_reputation_line(reputation, line);
		if ((wrong && !wrong[0]) || (also_wrong && !also_wrong[0]))
			abort();
		if (ip_reputation_category(reputation, line, &category) && category >= IP_REPUTATION_CATEGORIES)
			abort();
	}
	for (category = 0; category < IP_REPUTATION_CATEGORIES; category++) {
		int score = ip_reputation_score(reputation, address, category);
		if (score < -1 || score > IP_REPUTATION_SCORE_MAX)
			abort();
	}
	ip_reputation_free(reputation);
}

static void try_indicators(struct span text, const struct address *address)
{
	struct reputation_list *list = reputation_list_new();
	struct span rest = text, line;
	while (next_line(&rest, &line)) {
		const char *wrong = reputation_list_add(list, line, 0);
		if (wrong && !wrong[0])
			abort();
	}
	if (!list || !reputation_list_finish(list))
		abort();
	(void)reputation_list_find_address(list, address);
	for (rest = text; next_line(&rest, &line);) {
		const struct reputation_indicator *found = reputation_list_find_domain(list, line);
		if (found && (found->kind != REPUTATION_DOMAIN || reputation_list_text(list, found).len > line.len))
			abort();
	}
	reputation_list_free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 17 || size > 65536)
		return 0;
	struct address address;
	memcpy(address.bytes, data + 1, sizeof(address.bytes));
	struct span text = span_of(data + 17, size - 17);
	if (data[0] & 1)
		try_scores(text, &address);
	else
		try_indicators(text, &address);
	return 0;
}
