// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/pack_store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STAGING "sets/.next"

bool pack_store_open(struct pack_store *store, const char *folder, bool change, struct pack_error *error)
{
	char path[PATH_BYTES];
	store->lock = -1;
	if (strlen(folder) > PATH_BYTES - 1024)
		return pack_fail(error, "%.100s...: the path is too long", folder);
	snprintf(store->root, sizeof(store->root), "%s", folder);
	if (!change)
		return true;
	snprintf(path, sizeof(path), "%.3000s/sets", folder);
	if (!folder_make(path, error))
		return false;
	snprintf(path, sizeof(path), "%.3000s/lock", folder);
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock < 0)
		return pack_fail(error, "%s: %s", path, strerror(errno));
	if (flock(store->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	close(store->lock);
	store->lock = -1;
	return pack_fail(error, "%s: another sekisho is changing the installed packs", folder);
}

void pack_store_close(struct pack_store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	store->lock = -1;
}

bool pack_store_path(const struct pack_store *store, unsigned number, const char *part, char out[PATH_BYTES])
{
	int len = snprintf(out, PATH_BYTES, "%s/sets/%06u%s%s", store->root, number, *part ? "/" : "", part);
	return len > 0 && len < PATH_BYTES;
}

static unsigned current_number(const struct pack_store *store)
{
	char path[PATH_BYTES], target[64];
	unsigned number = 0;
	if (!path_join(path, store->root, "current"))
		return 0;
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return 0;
	target[len] = 0;
	return sscanf(target, "sets/%6u", &number) == 1 ? number : 0;
}

// set.json -----------------------------------------------------------------------------------------------------------------------

static void copy_member(const json_t *object, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));
	snprintf(out, size, "%s", text ? text : "");
}

static bool read_pack(const json_t *object, struct store_pack *pack)
{
	copy_member(object, "name", pack->name, sizeof(pack->name));
	copy_member(object, "version", pack->version, sizeof(pack->version));
	copy_member(object, "source", pack->source, sizeof(pack->source));
	copy_member(object, "sha256", pack->sha256, sizeof(pack->sha256));
	copy_member(object, "signed_by", pack->signed_by, sizeof(pack->signed_by));
	copy_member(object, "etag", pack->etag, sizeof(pack->etag));
	pack->rules = (uint32_t)json_integer_value(json_object_get(object, "rules"));
	pack->rules_only = json_is_true(json_object_get(object, "rules_only"));
	return pack_name_good(pack->name);
}

bool pack_store_read_set(
	const struct pack_store *store, unsigned number, struct store_set *set, struct pack_error *error)
{
	char path[PATH_BYTES];
	json_error_t reason;
	*set = (struct store_set) { 0 };
	if (number == 0 && (number = current_number(store)) == 0)
		return true;
	if (!pack_store_path(store, number, "set.json", path))
		return pack_fail(error, "%s: the path is too long", store->root);
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &reason);
	if (!root)
		return pack_fail(error, "%s: %s", path, reason.text);
	const json_t *packs = json_object_get(root, "packs");
	bool good = json_is_array(packs) && json_array_size(packs) <= STORE_PACKS_MAX;
	set->number = number;
	copy_member(root, "made", set->made, sizeof(set->made));
	for (size_t i = 0; good && i < json_array_size(packs); i++)
		good = read_pack(json_array_get(packs, i), &set->packs[set->count++]);
	json_decref(root);
	return good || pack_fail(error, "%s: is damaged", path);
}

static bool write_set(const struct store_set *set, const char *staging, struct pack_error *error)
{
	char path[PATH_BYTES];
	json_t *packs = json_array(), *root;
	for (unsigned i = 0; i < set->count; i++) {
		const struct store_pack *pack = &set->packs[i];
		json_array_append_new(
			packs, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b}", "name", pack->name, "version",
				       pack->version, "source", pack->source, "sha256", pack->sha256, "signed_by",
				       pack->signed_by, "etag", pack->etag, "rules", (json_int_t)pack->rules,
				       "rules_only", (int)pack->rules_only));
	}
	root = json_pack("{s:i, s:s, s:o}", "number", (int)set->number, "made", set->made, "packs", packs);
	char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
	json_decref(root);
	bool good = text && path_join(path, staging, "set.json");
	if (!good)
		pack_fail(error, "no memory");
	good = good && file_write(path, text, strlen(text), 0644, error);
	free(text);
	return good;
}

const struct store_pack *pack_store_find(const struct store_set *set, const char *name)
{
	for (unsigned i = 0; i < set->count; i++)
		if (strcmp(set->packs[i].name, name) == 0)
			return &set->packs[i];
	return NULL;
}

// Sets ---------------------------------------------------------------------------------------------------------------------------

static int compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return (x > y) - (x < y);
}

unsigned pack_store_sets(const struct pack_store *store, unsigned numbers[STORE_SETS_MAX])
{
	char path[PATH_BYTES];
	unsigned count = 0;
	DIR *folder = path_join(path, store->root, "sets") ? opendir(path) : NULL;
	for (struct dirent *entry; folder && count < STORE_SETS_MAX && (entry = readdir(folder));) {
		char *end;
		unsigned long number = entry->d_name[0] == '.' ? 0 : strtoul(entry->d_name, &end, 10);
		if (number && number < 1000000 && !*end)
			numbers[count++] = (unsigned)number;
	}
	if (folder)
		closedir(folder);
	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	return count;
}

bool pack_store_begin(
	const struct pack_store *store, struct store_set *set, char staging[PATH_BYTES], struct pack_error *error)
{
	unsigned numbers[STORE_SETS_MAX], count = pack_store_sets(store, numbers);
	time_t now = time(NULL);
	struct tm parts;
	set->number = count ? numbers[count - 1] + 1 : 1;
	gmtime_r(&now, &parts);
	strftime(set->made, sizeof(set->made), "%Y-%m-%dT%H:%M:%SZ", &parts);
	if (!path_join(staging, store->root, STAGING))
		return pack_fail(error, "%s: the path is too long", store->root);
	tree_remove(staging);
	return folder_make(staging, error);
}

bool pack_store_switch(const struct pack_store *store, unsigned number, struct pack_error *error)
{
	char link[PATH_BYTES], fresh[PATH_BYTES], target[32];
	snprintf(target, sizeof(target), "sets/%06u", number);
	bool good = path_join(link, store->root, "current") && path_join(fresh, store->root, ".current");
	if (good) {
		unlink(fresh);
		good = symlink(target, fresh) == 0 && rename(fresh, link) == 0;
	}
	if (!good)
		return pack_fail(error, "%s: %s", link, strerror(errno));
	return folder_sync(store->root, error);
}

static void prune(const struct pack_store *store, unsigned current)
{
	unsigned numbers[STORE_SETS_MAX], count = pack_store_sets(store, numbers);
	char path[PATH_BYTES];
	for (unsigned i = 0; i + STORE_KEPT < count; i++)
		if (numbers[i] != current && pack_store_path(store, numbers[i], "", path))
			tree_remove(path);
}

bool pack_store_commit(
	const struct pack_store *store, struct store_set *set, const char *staging, struct pack_error *error)
{
	char path[PATH_BYTES], sets[PATH_BYTES];
	if (!write_set(set, staging, error))
		return false;
	int fd = open(staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && syncfs(fd) == 0 && pack_store_path(store, set->number, "", path) &&
		    rename(staging, path) == 0;
	if (!good)
		pack_fail(error, "%s: %s", staging, strerror(errno));
	if (fd >= 0)
		close(fd);
	good = good && path_join(sets, store->root, "sets") && folder_sync(sets, error) &&
	       pack_store_switch(store, set->number, error);
	if (good)
		prune(store, set->number);
	return good;
}
