// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of a flow: shares, open files, reads asked for. Lists with the last used in front: a table over its bound forgets its end.
#include "decoders/app/smb/smb_internal.h"

static struct smb_key smb_key_file(const uint8_t *fuid, unsigned len)
{
	struct smb_key key = { .len = (uint8_t)(len < sizeof key.bytes ? len : sizeof key.bytes) };
	memcpy(key.bytes, fuid, key.len);
	return key;
}

static struct smb_key smb_key_tree(uint64_t session, uint32_t tree)
{
	struct smb_key key = { .len = 12 };
	memcpy(key.bytes, &session, 8);
	memcpy(key.bytes + 8, &tree, 4);
	return key;
}

struct smb_key smb_key_message(uint64_t session, uint64_t message)
{
	struct smb_key key = { .len = 16 };
	memcpy(key.bytes, &session, 8);
	memcpy(key.bytes + 8, &message, 8);
	return key;
}

static bool same_key(const struct smb_key *a, const struct smb_key *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static struct smb_entry **find_place(struct smb_table *table, const struct smb_key *key)
{
	struct smb_entry **at = &table->first;
	while (*at && !same_key(&(*at)->key, key)) {
		work_step(1);
		at = &(*at)->next;
	}
	return at;
}

static struct smb_entry *take(struct smb_table *table, struct smb_entry **at)
{
	struct smb_entry *entry = *at;
	if (entry) {
		*at = entry->next;
		table->count--;
	}
	return entry;
}

static void put(struct smb_table *table, struct smb_entry *entry)
{
	entry->next = table->first;
	table->first = entry;
	table->count++;
}

static struct smb_entry *find(struct smb_table *table, const struct smb_key *key)
{
	struct smb_entry *entry = take(table, find_place(table, key));
	if (entry)
		put(table, entry);
	return entry;
}

static struct smb_entry *take_last(struct smb_table *table)
{
	struct smb_entry **at = &table->first;
	while (*at && (*at)->next) {
		work_step(1);
		at = &(*at)->next;
	}
	return take(table, at);
}

static void free_tree(struct slab *slab, struct smb_entry *entry)
{
	struct smb_tree *tree = (struct smb_tree *)entry;
	if (!tree)
		return;
	bytes_fini(slab, &tree->name);
	slab_free(slab, tree, sizeof *tree);
}

static void free_open(struct slab *slab, struct smb_entry *entry)
{
	struct smb_open *open = (struct smb_open *)entry;
	if (!open)
		return;
	bytes_fini(slab, &open->name);
	hold_drop(&open->fragments[TO_SERVER], slab);
	hold_drop(&open->fragments[TO_CLIENT], slab);
	dcerpc_binding_fini(&open->binding, slab);
	slab_free(slab, open, sizeof *open);
}

static void free_read(struct slab *slab, struct smb_entry *entry)
{
	slab_free(slab, entry, sizeof(struct smb_read));
}

// A new entry in place of one with the same key. NULL: no memory.
static struct smb_entry *add(struct smb_reader *r, struct smb_table *table, uint64_t max, const struct smb_key *key,
	size_t size, void (*release)(struct slab *slab, struct smb_entry *entry))
{
	release(r->slab, take(table, find_place(table, key)));
	if (table->count >= max) {
		release(r->slab, take_last(table));
		smb_count(r, SMB_COUNT_OVER_BUDGET);
	}
	struct smb_entry *entry = slab_alloc(r->slab, size);
	if (!entry) {
		smb_count(r, SMB_COUNT_NO_MEMORY);
		return NULL;
	}
	entry->key = *key;
	put(table, entry);
	return entry;
}

struct smb_tree *smb_tree_find(struct smb_reader *r, uint64_t session, uint32_t tree)
{
	struct smb_key key = smb_key_tree(session, tree);
	return (struct smb_tree *)find(&r->state->trees, &key);
}

struct smb_tree *smb_tree_add(struct smb_reader *r, uint64_t session, uint32_t tree)
{
	struct smb_key key = smb_key_tree(session, tree);
	return (struct smb_tree *)add(
		r, &r->state->trees, r->worker->trees_max, &key, sizeof(struct smb_tree), free_tree);
}

void smb_tree_drop(struct smb_reader *r, uint64_t session, uint32_t tree)
{
	struct smb_key key = smb_key_tree(session, tree);
	free_tree(r->slab, take(&r->state->trees, find_place(&r->state->trees, &key)));
}

struct smb_open *smb_open_find(struct smb_reader *r, const uint8_t *fuid, unsigned len)
{
	struct smb_key key = smb_key_file(fuid, len);
	return (struct smb_open *)find(&r->state->opens, &key);
}

struct smb_open *smb_open_add(struct smb_reader *r, const uint8_t *fuid, unsigned len)
{
	struct smb_key key = smb_key_file(fuid, len);
	return (struct smb_open *)add(
		r, &r->state->opens, r->worker->opens_max, &key, sizeof(struct smb_open), free_open);
}

void smb_open_drop(struct smb_reader *r, const uint8_t *fuid, unsigned len)
{
	struct smb_key key = smb_key_file(fuid, len);
	free_open(r->slab, take(&r->state->opens, find_place(&r->state->opens, &key)));
}

struct smb_read *smb_read_add(struct smb_reader *r, const struct smb_header *header)
{
	struct smb_key key = smb_key_message(header->session, header->message);
	return (struct smb_read *)add(
		r, &r->state->reads, r->worker->reads_max, &key, sizeof(struct smb_read), free_read);
}

bool smb_read_take(struct smb_reader *r, const struct smb_header *header, struct smb_read *out)
{
	struct smb_key key = smb_key_message(header->session, header->message);
	struct smb_read *found = (struct smb_read *)take(&r->state->reads, find_place(&r->state->reads, &key));
	if (!found)
		return false;
	*out = *found;
	free_read(r->slab, &found->entry);
	return true;
}

void smb_tables_free(struct smb_state *state, struct slab *slab)
{
	while (state->trees.first)
		free_tree(slab, take(&state->trees, &state->trees.first));
	while (state->opens.first)
		free_open(slab, take(&state->opens, &state->opens.first));
	while (state->reads.first)
		free_read(slab, take(&state->reads, &state->reads.first));
}
