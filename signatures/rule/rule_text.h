// SPDX-License-Identifier: GPL-3.0-or-later
// Rule text: the small readers keyword arguments are made of. All take spans and leave memory alone.
// Threads      pure functions
#pragma once
#include "signatures/rule/rule.h"

// Without white space (line ends too) at both ends.
struct span text_trim(struct span text);
// Cuts the part before the next separator off *rest and trims it. False when nothing is left.
bool text_next(struct span *rest, char separator, struct span *part);
// Cuts the first line off *rest and trims it; one without anything but a comment is empty. False when nothing is left.
bool text_line(struct span *rest, struct span *line);
// Cuts the next word (white space between) off *rest. False when nothing is left.
bool text_word(struct span *rest, struct span *word);
// Whole text as a number: decimal, or hex with 0x. False when it is none or does not fit.
bool text_u64(struct span text, uint64_t *out);
bool text_i64(struct span text, int64_t *out);
bool text_u32(struct span text, uint32_t *out);
// With kb, mb, gb (KiB ...) after it.
bool text_size(struct span text, uint64_t *out);
// Without a pair of double quotes around it.
struct span text_unquote(struct span text);
// N, =N, !N, !=N, <N, <=N, >N, >=N, N-M and N<>M (strictly between), !N-M, &N (a bit in common), &N=M and &N!=M (under the mask); names may be NULL; sizes: kb and the like are taken. NULL when good, else
// the reason (static text). negated: what a "!" in front asks for is put here rather than into the operator where it has no counterpart.
const char *text_number_match(struct span text, unsigned bits, const struct field_name *names, bool sizes,
	struct number_match *out, bool *negated);
