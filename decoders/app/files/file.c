// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/files/file.h"
#include "decoders/app/files/file_keeper.h"
#include "decoders/base/log.h"
#include <magic.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include "decoders/app/files/magic_memo.h"

// The digests of one open file. Sets are kept in a free list, so that a file costs no allocation once as many were open.
struct hash_set {
	struct hash_set *next;
	EVP_MD_CTX *md5, *sha1, *sha256;
};

struct file_tools {
	uint8_t want;
	uint32_t window_bytes;
	magic_t magic;
	struct magic_memo *memo;
	EVP_MD *md5, *sha1, *sha256; // fetched once: a fetch by name a file takes locks in OpenSSL 3
	struct hash_set *free_sets;
	const struct file_keeper *keeper; // NULL: nobody stores files
};

static bool fetch_digests(struct file_tools *tools)
{
	if (tools->want & FILE_WANT_MD5 && !(tools->md5 = EVP_MD_fetch(NULL, "MD5", NULL))) {
		log_warning("files: OpenSSL offers no MD5; files get none");
		tools->want &= (uint8_t)~FILE_WANT_MD5;
	}
	if (tools->want & FILE_WANT_SHA1 && !(tools->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL)))
		return false;
	if (tools->want & FILE_WANT_SHA256 && !(tools->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)))
		return false;
	return true;
}

static bool open_magic(struct file_tools *tools)
{
	if (!(tools->want & FILE_WANT_MAGIC))
		return true;
	tools->magic = magic_open(MAGIC_NONE);
	tools->memo = magic_memo_new();
	return tools->magic && tools->memo && magic_load(tools->magic, NULL) == 0;
}

struct file_tools *file_tools_new(uint8_t want, uint32_t window_bytes)
{
	struct file_tools *tools = calloc(1, sizeof *tools);
	if (!tools)
		return NULL;
	tools->want = want;
	tools->window_bytes = window_bytes > SLAB_MAX_BLOCK ? SLAB_MAX_BLOCK : window_bytes;
	if (!fetch_digests(tools)) {
		log_error("files: OpenSSL offers no SHA digest");
		file_tools_free(tools);
		return NULL;
	}
	if (!open_magic(tools)) {
		log_error("files: libmagic: %s", tools->magic ? magic_error(tools->magic) : "no memory");
		file_tools_free(tools);
		return NULL;
	}
	return tools;
}

static void hash_set_free(struct hash_set *set)
{
	EVP_MD_CTX_free(set->md5);
	EVP_MD_CTX_free(set->sha1);
	EVP_MD_CTX_free(set->sha256);
	free(set);
}

void file_tools_free(struct file_tools *tools)
{
	if (!tools)
		return;
	while (tools->free_sets) {
		struct hash_set *set = tools->free_sets;
		tools->free_sets = set->next;
		hash_set_free(set);
	}
	EVP_MD_free(tools->md5);
	EVP_MD_free(tools->sha1);
	EVP_MD_free(tools->sha256);
	if (tools->magic)
		magic_close(tools->magic);
	magic_memo_free(tools->memo);
	free(tools);
}

void file_tools_keep(struct file_tools *tools, const struct file_keeper *keeper)
{
	tools->keeper = keeper;
}

static bool digest_start(const EVP_MD *digest, EVP_MD_CTX **context)
{
	if (!digest)
		return true;
	if (!*context)
		*context = EVP_MD_CTX_new();
	return *context && EVP_DigestInit_ex2(*context, digest, NULL) == 1;
}

static struct hash_set *hash_set_take(struct file_tools *tools)
{
	if (!tools->md5 && !tools->sha1 && !tools->sha256)
		return NULL;
	struct hash_set *set = tools->free_sets;
	if (set)
		tools->free_sets = set->next;
	else if (!(set = calloc(1, sizeof *set)))
		return NULL;
	if (digest_start(tools->md5, &set->md5) && digest_start(tools->sha1, &set->sha1) &&
		digest_start(tools->sha256, &set->sha256))
		return set;
	hash_set_free(set);
	return NULL;
}

static void hash_set_give(struct file_tools *tools, struct file *file)
{
	struct hash_set *set = file->hashes;
	if (!set)
		return;
	set->next = tools->free_sets;
	tools->free_sets = set;
	file->hashes = NULL;
}

struct file *file_open(struct file_tools *tools, struct slab *slab, struct file **list, struct span name,
	enum direction direction, uint32_t track)
{
	struct file *file = slab_alloc(slab, sizeof *file);
	if (!file)
		return NULL;
	file->track = track;
	file->direction = (uint8_t)direction;
	bytes_append(slab, &file->name, name, FILE_NAME_MAX);
	file->hashes = hash_set_take(tools);
	file->kept_as = tools->keeper ? tools->keeper->open(tools->keeper->context) : 0;
	while (*list)
		list = &(*list)->next;
	*list = file;
	return file;
}

// Keeps the newest window_bytes. When rules lag behind that, bytes they have not seen go: the window is a budget.
static void window_append(const struct file_tools *tools, struct slab *slab, struct file *file, struct span data)
{
	uint64_t data_offset = file->size;
	if (data.len > tools->window_bytes) {
		uint32_t cut = data.len - tools->window_bytes;
		data = span_from(data, cut);
		data_offset += cut;
	}
	if (data_offset != file->window_offset + file->window.len) {
		file->window.len = 0; // a gap, or a cut: the window starts anew
		file->window_offset = data_offset;
	}
	if (file->window.len + data.len > tools->window_bytes) {
		// Half is given up at once, so that small appends do not move the whole window each time
		uint32_t over = file->window.len + data.len - tools->window_bytes;
		uint32_t drop = over > tools->window_bytes / 2 ? over : tools->window_bytes / 2;
		drop = drop > file->window.len ? file->window.len : drop;
		bytes_drop_front(&file->window, drop);
		file->window_offset += drop;
	}
	bytes_append(slab, &file->window, data, tools->window_bytes);
}

void file_append(struct file_tools *tools, struct slab *slab, struct file *file, struct span data)
{
	if (file->state != FILE_OPEN || data.len == 0)
		return;
	struct hash_set *set = file->hashes;
	if (set) {
		if (tools->md5)
			EVP_DigestUpdate(set->md5, data.data, data.len);
		if (tools->sha1)
			EVP_DigestUpdate(set->sha1, data.data, data.len);
		if (tools->sha256)
			EVP_DigestUpdate(set->sha256, data.data, data.len);
	}
	if (tools->magic && !file->has_gaps)
		bytes_append(slab, &file->head, data, FILE_MAGIC_BYTES);
	if (file->kept_as && !tools->keeper->data(tools->keeper->context, file->kept_as, data))
		file->kept_as = 0;
	if (tools->window_bytes)
		window_append(tools, slab, file, data);
	file->size += data.len;
}

void file_gap(struct file *file, uint32_t bytes)
{
	if (file->state != FILE_OPEN)
		return;
	file->has_gaps = true;
	file->size += bytes;
}

// libmagic's text for the first bytes of a file, zero-ended; NULL when it has none. Valid until the next call.
static const char *magic_text(struct file_tools *tools, struct span head)
{
	const char *known = magic_memo_find(tools->memo, head);
	if (known)
		return known;
	const char *text = magic_buffer(tools->magic, head.data, head.len);
	if (text)
		magic_memo_keep(tools->memo, head, text);
	return text;
}

static void find_magic(struct file_tools *tools, struct slab *slab, struct file *file)
{
	if (!tools->magic || file->magic || file->head.len == 0)
		return;
	const char *text = magic_text(tools, bytes_span(&file->head));
	if (!text)
		return;
	uint32_t size = (uint32_t)strnlen(text, 1023) + 1;
	file->magic = slab_alloc(slab, size);
	if (!file->magic)
		return;
	memcpy(file->magic, text, size - 1);
	file->magic_size = size;
}

static void finish_hashes(struct file_tools *tools, struct file *file)
{
	struct hash_set *set = file->hashes;
	if (!set)
		return;
	if (tools->md5)
		file->has_md5 = EVP_DigestFinal_ex(set->md5, file->md5, NULL) == 1;
	if (tools->sha1)
		file->has_sha1 = EVP_DigestFinal_ex(set->sha1, file->sha1, NULL) == 1;
	if (tools->sha256)
		file->has_sha256 = EVP_DigestFinal_ex(set->sha256, file->sha256, NULL) == 1;
}

void file_close(struct file_tools *tools, struct slab *slab, struct file *file, enum file_state state)
{
	if (file->state != FILE_OPEN)
		return;
	finish_hashes(tools, file); // of what was seen; the state says whether that is the whole
	hash_set_give(tools, file);
	find_magic(tools, slab, file);
	bytes_fini(slab, &file->head);
	file->state = (uint8_t)state;
}

void file_free_list(struct file_tools *tools, struct slab *slab, struct file **list)
{
	while (*list) {
		struct file *file = *list;
		*list = file->next;
		hash_set_give(tools, file);
		if (file->kept_as)
			tools->keeper->drop(tools->keeper->context, file->kept_as);
		bytes_fini(slab, &file->name);
		bytes_fini(slab, &file->head);
		bytes_fini(slab, &file->window);
		slab_free(slab, file->magic, file->magic_size);
		slab_free(slab, file, sizeof *file);
	}
}
