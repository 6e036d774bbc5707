// SPDX-License-Identifier: GPL-3.0-or-later
// Files: the reads, or the writes, of an open file are one transaction and one file. They come in any order, and each in pieces.
#include "decoders/app/smb/smb2.h"

static const struct {
	enum smb_event size, count;
} queue_events[2] = {
	[TO_SERVER] = { SMB_WRITE_QUEUE_SIZE_EXCEEDED, SMB_WRITE_QUEUE_CNT_EXCEEDED },
	[TO_CLIENT] = { SMB_READ_QUEUE_SIZE_EXCEEDED, SMB_READ_QUEUE_CNT_EXCEEDED },
};

static bool is_of(const struct smb_tx *tx, const uint8_t *fuid, unsigned len)
{
	return tx->fuid_len == len && memcmp(tx->fuid, fuid, len) == 0;
}

// Direction of a file is in the command that carries it.
static enum direction direction_of(const struct smb_tx *tx)
{
	return tx->tx.files ? (enum direction)tx->tx.files->direction : TO_SERVER;
}

static struct smb_tx *smb_file_find(struct smb_reader *r, const uint8_t *fuid, unsigned len, enum direction direction)
{
	for (struct app_tx *base = r->flow->app.tx_first; base; base = base->next) {
		work_step(1);
		struct smb_tx *tx = (struct smb_tx *)base;
		if (tx->kind == SMB_FILE && !tx->file.closed && is_of(tx, fuid, len) && direction_of(tx) == direction)
			return tx;
	}
	return NULL;
}

struct smb_tx *smb_file_tx(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len)
{
	struct smb_tx *tx = smb_file_find(r, fuid, len, r->direction);
	if (tx)
		return tx;
	tx = smb_tx_new(r, header, SMB_FILE);
	if (!tx)
		return NULL;
	tx->fuid_len = (uint8_t)len;
	memcpy(tx->fuid, fuid, len);
	const struct smb_open *open = smb_open_find(r, fuid, len);
	if (open)
		bytes_append(r->slab, &tx->name, bytes_span(&open->name), SMB_NAME_MAX);
	const struct smb_tree *tree = smb_tree_find(r, header->session, header->tree);
	if (tree)
		bytes_append(r->slab, &tx->share, bytes_span(&tree->name), SMB_NAME_MAX);
	if (len == SMB2_FUID_BYTES)
		smb_join_carried(r, header, fuid, tx);
	tx->file.file = file_open(
		r->worker->files, r->slab, &tx->tx.files, bytes_span(&tx->name), r->direction, r->state->file_track++);
	if (tx->file.file) {
		smb_count(r, SMB_COUNT_FILES);
		return tx;
	}
	smb_count(r, SMB_COUNT_NO_MEMORY);
	tx->file.closed = true;
	smb_request_done(r, tx);
	smb_response_done(r, tx);
	return NULL;
}

static void append(struct smb_reader *r, struct smb_tx *tx, struct span data)
{
	file_append(r->worker->files, r->slab, tx->file.file, data);
	tx->file.tracked += data.len;
	app_tx_changed(r->flow, &tx->tx, (enum direction)tx->file.file->direction);
}

static void skip_to(struct smb_tx *tx, uint64_t offset)
{
	while (tx->file.tracked < offset) {
		uint64_t gap = offset - tx->file.tracked;
		uint32_t part = gap > UINT32_MAX ? UINT32_MAX : (uint32_t)gap;
		if (gap > UINT32_MAX) { // sparse: what lies between is not worth walking through
			file_gap(tx->file.file, part);
			tx->file.tracked = offset;
			return;
		}
		file_gap(tx->file.file, part);
		tx->file.tracked += part;
	}
}

static void free_chunk(struct smb_worker *worker, struct slab *slab, struct smb_file *file, struct smb_chunk *chunk)
{
	if (file->filling == chunk) { // what comes of it goes on here
		file->filling = NULL;
		file->direct = true;
	}
	file->waiting_bytes -= chunk->bytes.len;
	worker->waiting_bytes -= chunk->bytes.len;
	file->waiting_count--;
	bytes_fini(slab, &chunk->bytes);
	slab_free(slab, chunk, sizeof *chunk);
}

// Appends what waited for its turn; with all set, over holes too.
static void flush(struct smb_reader *r, struct smb_tx *tx, bool all)
{
	struct smb_file *file = &tx->file;
	while (file->waiting && (all || file->waiting->offset <= file->tracked)) {
		struct smb_chunk *chunk = file->waiting;
		if (chunk->offset > file->tracked)
			skip_to(tx, chunk->offset);
		uint64_t seen = file->tracked - chunk->offset;
		if (seen < chunk->bytes.len)
			append(r, tx, span_from(bytes_span(&chunk->bytes), (uint32_t)seen));
		file->waiting = chunk->next;
		free_chunk(r->worker, r->slab, file, chunk);
	}
}

// Is there room for total bytes more that come too early?
static bool queue_has_room(struct smb_reader *r, struct smb_tx *tx, uint32_t total)
{
	enum direction d = (enum direction)tx->file.file->direction;
	uint64_t bytes = r->worker->queue_bytes[d], count = r->worker->queue_count[d];
	if ((bytes && tx->file.waiting_bytes + total > bytes) ||
		r->worker->waiting_bytes + total > r->worker->waiting_max) {
		app_tx_event(r->flow, &tx->tx, queue_events[d].size);
	} else if (count && tx->file.waiting_count >= count) {
		app_tx_event(r->flow, &tx->tx, queue_events[d].count);
	} else {
		return true;
	}
	smb_count(r, SMB_COUNT_OVER_BUDGET);
	return false;
}

static struct smb_chunk *add_chunk(struct smb_reader *r, struct smb_file *file, uint64_t offset)
{
	struct smb_chunk **at = &file->waiting;
	struct smb_chunk *chunk = slab_alloc(r->slab, sizeof *chunk);
	if (!chunk)
		return NULL;
	while (*at && (*at)->offset <= offset) {
		work_step(1);
		at = &(*at)->next;
	}
	chunk->offset = offset;
	chunk->next = *at;
	*at = chunk;
	file->waiting_count++;
	return chunk;
}

bool smb_file_data(struct smb_reader *r, struct smb_tx *tx, uint64_t offset, uint32_t total, struct span data)
{
	struct smb_file *file = &tx->file;
	file->filling = NULL;
	file->direct = false;
	if (offset < file->tracked)
		app_tx_event(r->flow, &tx->tx, SMB_FILE_OVERLAP);
	if (offset <= file->tracked) {
		uint64_t seen = file->tracked - offset; // who wrote first wins
		if (seen >= total)
			return false;
		if (seen == 0 || data.len >= total) {
			file->direct = data.len < total;
			smb_file_more(r, tx, span_from(data, (uint32_t)seen), data.len >= total);
			return true;
		}
		// A part of what comes later of these bytes was seen, too: they wait until all are here
	}
	if (!queue_has_room(r, tx, total) || !(file->filling = add_chunk(r, file, offset)))
		return false;
	smb_file_more(r, tx, data, data.len >= total);
	return true;
}

// Bytes that wait, up to what fits a block.
static uint32_t grow(struct smb_reader *r, struct smb_file *file, struct smb_chunk *chunk, struct span data)
{
	uint32_t kept = bytes_append(r->slab, &chunk->bytes, data, SLAB_MAX_BLOCK);
	file->waiting_bytes += kept;
	r->worker->waiting_bytes += kept;
	return kept;
}

void smb_file_more(struct smb_reader *r, struct smb_tx *tx, struct span data, bool last)
{
	struct smb_file *file = &tx->file;
	struct smb_chunk *chunk = file->filling;
	if (file->closed)
		return;
	if (!chunk) {
		append(r, tx, data);
	} else if (grow(r, file, chunk, data) < data.len) {
		// A hole from here on: told when the file ends
		smb_count(r, SMB_COUNT_NO_MEMORY);
		file->filling = NULL;
		r->side->file_tx = NULL;
	}
	if (last) {
		file->filling = NULL;
		file->direct = false;
		flush(r, tx, false);
	}
}

// The chunk that ends where offset is, and does not grow by itself.
static struct smb_chunk *chunk_before(struct smb_file *file, uint64_t offset)
{
	for (struct smb_chunk *chunk = file->waiting; chunk; chunk = chunk->next) {
		work_step(1);
		if (chunk != file->filling && chunk->offset + chunk->bytes.len == offset)
			return chunk;
	}
	return NULL;
}

void smb_file_piece(struct smb_reader *r, struct smb_tx *tx, uint64_t offset, struct span data)
{
	struct smb_file *file = &tx->file;
	if (file->closed || offset + data.len <= file->tracked)
		return;
	if (offset <= file->tracked && !file->direct) {
		append(r, tx, span_from(data, (uint32_t)(file->tracked - offset)));
		flush(r, tx, false);
		return;
	}
	struct smb_chunk *chunk = chunk_before(file, offset);
	if (!chunk || SLAB_MAX_BLOCK - chunk->bytes.len < data.len) {
		if (!queue_has_room(r, tx, data.len) || !(chunk = add_chunk(r, file, offset)))
			return;
	}
	grow(r, file, chunk, data);
}

void smb_file_lost(struct smb_reader *r, struct smb_tx *tx, uint32_t bytes)
{
	struct smb_file *file = &tx->file;
	if (file->closed)
		return;
	if (!file->filling) {
		skip_to(tx, file->tracked + bytes);
		return;
	}
	uint64_t next = file->filling->offset + file->filling->bytes.len + bytes;
	file->filling = queue_has_room(r, tx, 0) ? add_chunk(r, file, next) : NULL;
	if (!file->filling)
		r->side->file_tx = NULL;
}

void smb_file_end(struct smb_reader *r, struct smb_tx *tx)
{
	struct smb_file *file = &tx->file;
	flush(r, tx, true);
	file_close(r->worker->files, r->slab, file->file, file->file->has_gaps ? FILE_TRUNCATED : FILE_CLOSED);
	file->closed = true;
	tx->has_status = true;
	tx->dos_status = false;
	tx->status = NT_SUCCESS;
	smb_request_done(r, tx);
	smb_response_done(r, tx);
}

void smb_file_close(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len)
{
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		struct smb_tx *tx = smb_file_find(r, fuid, len, (enum direction)d);
		if (tx)
			smb_file_end(r, tx);
	}
	if (len == SMB2_FUID_BYTES)
		smb_join_close(r, header, fuid);
}

void smb_file_fini(struct smb_worker *worker, struct slab *slab, struct smb_file *file)
{
	while (file->waiting) {
		struct smb_chunk *chunk = file->waiting;
		file->waiting = chunk->next;
		free_chunk(worker, slab, file, chunk);
	}
}
