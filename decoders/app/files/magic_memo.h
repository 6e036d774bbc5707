// SPDX-License-Identifier: GPL-3.0-or-later
// Memo of libmagic's answers: which text it gave for a file's first bytes. Asking it takes longer than all else done with a file, and networks carry the
// same first bytes again and again.
//
// Life cycle   magic_memo_new -> magic_memo_find / magic_memo_keep ... -> magic_memo_free
// Memory       fixed: MAGIC_MEMO_HEADS answers of 16 bytes and MAGIC_MEMO_TEXTS different texts. Full: older ones are forgotten
// Threads      one a worker
#pragma once
#include "decoders/base/span.h"

#define MAGIC_MEMO_HEADS    8192 // powers of two
#define MAGIC_MEMO_TEXTS    512
#define MAGIC_MEMO_TEXT_MAX 240 // bytes; a longer text is not kept

struct magic_memo;

// NULL: no memory, or the kernel gave no random seed.
struct magic_memo *magic_memo_new(void);
void magic_memo_free(struct magic_memo *memo);

// The text kept for exactly these bytes, zero-ended; NULL: not known. Valid until the next keep.
const char *magic_memo_find(struct magic_memo *memo, struct span head);
void magic_memo_keep(struct magic_memo *memo, struct span head, const char *text);
