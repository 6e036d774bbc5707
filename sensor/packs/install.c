// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/install.h"
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "sensor/fetch/fetch.h"
#include "sensor/packs/archive.h"
#include "sensor/packs/audit.h"
#include "sensor/packs/install_rules.h"

struct install {
	const struct pack_store *store;
	const struct install_request *request;
	struct install_outcome *outcome;
	struct pack_error *error;
	char scratch[PATH_BYTES], unpacked[PATH_BYTES], staging[PATH_BYTES];
	struct store_set current, next;
	struct pack pack;
	bool opened;
	const struct store_pack *before; // of the same name, in current
	struct store_pack made;
};

// A check that --force passes.
static bool check_failed(struct install *install)
{
	if (!install->request->force)
		return false;
	install->outcome->warnings++;
	log_warning("%s (--force: taken all the same)", install->error->text);
	return true;
}

// Source -------------------------------------------------------------------------------------------------------------------------

// "https://x/emerging.rules.tar.gz?a=b" -> "emerging".
static void name_of_source(const char *source, char out[PACK_NAME_MAX + 1])
{
	static const char *const endings[] = { ".gz", ".tgz", ".tar", ".rules" };
	char path[SOURCE_MAX];
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(source, "?#"), source);
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = 0;
	char *base = (char *)(uintptr_t)path_base(path);
	for (bool cut = true; cut;) {
		cut = false;
		for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
			size_t more = strlen(endings[i]);
			len = strlen(base);
			if (len > more && strcmp(base + len - more, endings[i]) == 0) {
				base[len - more] = 0;
				cut = true;
			}
		}
	}
	snprintf(out, PACK_NAME_MAX + 1, "%.*s", PACK_NAME_MAX, base);
	for (char *at = out; *at; at++)
		if (!strchr("-_.", *at) && !((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') && !(*at >= '0' && *at <= '9'))
			*at = '-';
}

static bool download(struct install *install, char file[PATH_BYTES], bool *unchanged)
{
	struct fetch_answer answer;
	const struct store_pack *known = install->request->known;
	if (!path_join(file, install->scratch, "download"))
		return pack_fail(install->error, "the path is too long");
	// Filters may have changed: only what is the same on disk as well may stay away
	const struct fetch_known copy = { .etag = known ? known->etag : NULL };
	switch (fetch(&install->request->config->fetch, install->request->source, &copy, file, &answer)) {
	case FETCH_DONE: break;
	case FETCH_UNCHANGED: *unchanged = true; return true;
	default: return pack_fail(install->error, "%s: %s", install->request->source, answer.error);
	}
	snprintf(install->made.etag, sizeof(install->made.etag), "%.255s", answer.etag);
	return true;
}

// The pack as it is installed serves as what the server did not send again.
static bool reuse_installed(struct install *install)
{
	char part[PACK_NAME_MAX + 8], path[PATH_BYTES];
	const struct store_pack *known = install->request->known;
	snprintf(part, sizeof(part), "packs/%s", known->name);
	memcpy(install->made.etag, known->etag, sizeof(install->made.etag));
	return pack_store_path(install->store, install->current.number, part, path) &&
	       tree_copy(path, install->unpacked, install->error);
}

// What set.json and the audit log can hold.
static bool is_text(const char *text)
{
	json_t *string = json_string(text);
	bool good = string != NULL;
	for (const char *at = text; *at; at++)
		good &= (unsigned char)*at >= 0x20;
	json_decref(string);
	return good;
}

static bool bring(struct install *install)
{
	const char *source = install->request->source;
	char file[PATH_BYTES], name[PACK_NAME_MAX + 1];
	bool unchanged = false;
	if (!path_join(install->unpacked, install->scratch, "pack") || !folder_make(install->unpacked, install->error))
		return false;
	if (strlen(source) >= SOURCE_MAX || !is_text(source))
		return pack_fail(install->error, "%.100s: the source's name is too long, or not UTF-8", source);
	name_of_source(source, name);
	if (fetch_is_url(source)) {
		snprintf(install->made.source, sizeof(install->made.source), "%s", source);
		if (!download(install, file, &unchanged))
			return false;
		return unchanged ? reuse_installed(install)
				 : archive_unpack(file, install->unpacked, name, install->error);
	}
	char *full = realpath(source, NULL);
	if (!full)
		return pack_fail(install->error, "%s: %s", source, strerror(errno));
	if (strlen(full) >= SOURCE_MAX || !is_text(full)) {
		free(full);
		return pack_fail(install->error, "%s: the path is too long, or not UTF-8", source);
	}
	snprintf(install->made.source, sizeof(install->made.source), "%s", full);
	free(full);
	if (is_folder(source))
		return tree_copy(source, install->unpacked, install->error);
	return archive_unpack(source, install->unpacked, name, install->error);
}

// Checks -------------------------------------------------------------------------------------------------------------------------

// The scratch folder's name says nothing to the user.
static const char *without_folder(const struct install *install, const char *reason)
{
	size_t len = strlen(install->unpacked);
	if (strncmp(reason, install->unpacked, len) != 0)
		return reason;
	reason += len;
	return reason + strspn(reason, ":/ ");
}

static bool check_signature(struct install *install)
{
	const struct install_request *request = install->request;
	const struct option_list *keys = &request->config->rules.trusted_keys;
	const struct store_pack *known = request->known;
	struct pack_error reason;
	switch (signing_verify(
		install->unpacked, (const char *const *)keys->values, keys->count, install->made.signed_by, &reason)) {
	case SIGNING_GOOD: return true;
	case SIGNING_BAD:
		install->made.signed_by[0] = 0;
		return pack_fail(install->error, "%s: the signature does not hold: %s", request->source,
			without_folder(install, reason.text));
	default: break;
	}
	install->made.signed_by[0] = 0;
	if (request->allow_unsigned || (known && !known->signed_by[0]))
		return true;
	return pack_fail(install->error,
		"%s: is not signed. --allow-unsigned takes it all the same, and with it whatever whoever can change "
		"the source, or the way "
		"to it, puts there: rules that see nothing, or that drop what they like",
		request->source);
}

static bool open_pack(struct install *install)
{
	const struct install_request *request = install->request;
	char name[PACK_NAME_MAX + 1];
	name_of_source(request->source, name);
	if (request->known)
		snprintf(name, sizeof(name), "%s", request->known->name);
	if (!pack_open(&install->pack, install->unpacked, request->name ? request->name : name, install->error)) {
		struct pack_error copy = *install->error;
		pack_fail(install->error, "%.300s: %.440s", request->source, without_folder(install, copy.text));
		return false;
	}
	install->opened = true;
	struct store_pack *made = &install->made;
	if (!tree_sha256(install->unpacked, made->sha256, install->error))
		return false;
	snprintf(made->name, sizeof(made->name), "%s", install->pack.name);
	made->rules_only = install->pack.rules_only;
	if (made->rules_only)
		snprintf(install->pack.version, sizeof(install->pack.version), "%.12s", made->sha256);
	snprintf(made->version, sizeof(made->version), "%s", install->pack.version);
	install->before = pack_store_find(&install->current, made->name);
	if (install->before)
		snprintf(install->outcome->from_version, sizeof(install->outcome->from_version), "%s",
			install->before->version);
	if (request->known && strcmp(request->known->name, made->name) != 0)
		return pack_fail(install->error, "%s: calls itself %s, and %s is what was installed from there",
			request->source, made->name, request->known->name);
	return true;
}

static bool check_history(struct install *install)
{
	const struct store_pack *before = install->before, *made = &install->made;
	if (!before)
		return true;
	if (before->signed_by[0] && !made->signed_by[0] &&
		!pack_fail(install->error, "%s %s: is not signed, and %s, which is installed, was", made->name,
			made->version, before->version) &&
		!check_failed(install))
		return false;
	if (install->pack.rules_only || before->rules_only)
		return true; // a hash is no version to compare
	if (pack_version_compare(made->version, before->version) < 0 &&
		!pack_fail(install->error,
			"%s %s: is older than %s, which is installed (rollback goes back to what was checked)",
			made->name, made->version, before->version) &&
		!check_failed(install))
		return false;
	return true;
}

static bool check_tests(struct install *install)
{
	struct pack_test_counts counts;
	if (install->pack.rules_only)
		return true;
	bool good =
		pack_tests_run(&install->pack, NULL, install->scratch, install->request->told, &counts, install->error);
	if (good && counts.failed)
		good = pack_fail(install->error, "%s %s: %u of its %u tests fail (sekisho rules test)",
			install->made.name, install->made.version, counts.failed, counts.tests);
	return good || check_failed(install);
}

static bool check_rules(struct install *install, uint32_t as_came)
{
	uint32_t refused = 0;
	const struct store_pack *before = install->before;
	struct pack_error reason = { "" };
	install->made.rules = as_came;
	if (before && as_came * 2 < before->rules &&
		!pack_fail(install->error, "%s: has %u rules, and %s, which is installed, has %u", install->made.name,
			as_came, before->version, before->rules) &&
		!check_failed(install))
		return false;
	if (!install_parse_rules(install->request->config, install->staging, &install->next, &install->outcome->rules,
		    &refused, &reason)) {
		*install->error = reason;
		return false;
	}
	if (refused && !pack_fail(install->error, "%s: %u rules cannot be taken, the first: %.500s", install->made.name,
			       refused, reason.text))
		return check_failed(install);
	return true;
}

// Set ----------------------------------------------------------------------------------------------------------------------------

// The packs of the current set, with the new one in its place or at the end.
static bool gather(struct install *install)
{
	struct store_set *next = &install->next;
	char from[PATH_BYTES], to[PATH_BYTES], part[PACK_NAME_MAX + 8];
	bool placed = false;
	*next = install->current;
	if (!pack_store_begin(install->store, next, install->staging, install->error))
		return false;
	for (unsigned i = 0; i < next->count; i++) {
		bool is = strcmp(next->packs[i].name, install->made.name) == 0;
		snprintf(part, sizeof(part), "packs/%s", next->packs[i].name);
		if (!path_join(to, install->staging, part) ||
			!pack_store_path(install->store, install->current.number, part, from))
			return pack_fail(install->error, "the path is too long");
		if (!tree_copy(is ? install->unpacked : from, to, install->error))
			return false;
		placed |= is;
		if (is)
			next->packs[i] = install->made;
	}
	if (placed)
		return true;
	if (next->count == STORE_PACKS_MAX)
		return pack_fail(install->error, "%u packs are installed; there may be no more", STORE_PACKS_MAX);
	snprintf(part, sizeof(part), "packs/%s", install->made.name);
	next->packs[next->count++] = install->made;
	return path_join(to, install->staging, part) && tree_copy(install->unpacked, to, install->error);
}

// The same pack and, by the same filters, the same rules?
static bool is_same(struct install *install)
{
	char old[PATH_BYTES], fresh[PATH_BYTES], a[SHA256_TEXT], b[SHA256_TEXT];
	struct pack_error ignored;
	return install->before && strcmp(install->before->sha256, install->made.sha256) == 0 &&
	       strcmp(install->before->source, install->made.source) == 0 &&
	       strcmp(install->before->signed_by, install->made.signed_by) == 0 &&
	       pack_store_path(install->store, install->current.number, "rules", old) &&
	       path_join(fresh, install->staging, "rules") && tree_sha256(old, a, &ignored) &&
	       tree_sha256(fresh, b, &ignored) && strcmp(a, b) == 0;
}

static enum install_result run(struct install *install)
{
	struct filter_counts counts;
	uint32_t as_came = 0;
	struct install_outcome *outcome = install->outcome;
	if (!bring(install) || !check_signature(install) || !open_pack(install) || !check_history(install) ||
		!gather(install) ||
		!install_write_rules(install->request->config, install->staging, &install->next, install->made.name,
			&as_came, &counts, install->error))
		return INSTALL_REFUSED;
	outcome->disabled = counts.disabled;
	outcome->enabled = counts.enabled;
	outcome->dropped = counts.dropped;
	outcome->modified = counts.modified;
	outcome->for_flowbits = counts.for_flowbits;
	if (is_same(install))
		return INSTALL_UNCHANGED;
	if (!check_tests(install) || !check_rules(install, as_came))
		return INSTALL_REFUSED;
	for (unsigned i = 0; i < install->next.count; i++)
		if (strcmp(install->next.packs[i].name, install->made.name) == 0)
			install->next.packs[i] = install->made;
	return pack_store_commit(install->store, &install->next, install->staging, install->error) ? INSTALL_DONE
												   : INSTALL_REFUSED;
}

static void note(struct install *install, enum install_result result)
{
	struct pack_error ignored;
	const struct install_request *request = install->request;
	const struct store_pack *made = &install->made;
	struct audit_entry entry = {
		.action = request->action,
		.pack = made->name[0]    ? made->name
			: request->known ? request->known->name
					 : "",
		.source = made->source[0] ? made->source : request->source,
		.from_set = install->current.number,
		.from_version = install->outcome->from_version,
		.to_set = install->outcome->set,
		.to_version = result == INSTALL_REFUSED ? install->outcome->from_version : made->version,
		.sha256 = made->sha256,
		.signed_by = made->signed_by,
		.forced = request->force,
		.allowed_unsigned = request->allow_unsigned,
		.result = result == INSTALL_DONE        ? "done"
			  : result == INSTALL_UNCHANGED ? "unchanged"
							: install->error->text,
	};
	if (!audit_write(install->store, &entry, &ignored))
		log_error("%s", ignored.text);
}

enum install_result install_pack(
	const struct pack_store *store, const struct install_request *request, struct install_outcome *outcome)
{
	struct install *install = calloc(1, sizeof(*install));
	enum install_result result = INSTALL_REFUSED;
	memset(outcome, 0, sizeof(*outcome));
	if (!install) {
		pack_fail(&outcome->error, "no memory");
		return INSTALL_REFUSED;
	}
	install->store = store;
	install->request = request;
	install->outcome = outcome;
	install->error = &outcome->error;
	if (path_join(install->scratch, store->root, ".scratch")) {
		tree_remove(install->scratch);
		if (audit_ready(store, install->error) &&
			pack_store_read_set(store, 0, &install->current, install->error) &&
			folder_make(install->scratch, install->error))
			result = run(install);
	}
	outcome->set = result == INSTALL_DONE ? install->next.number : install->current.number;
	outcome->pack = install->made;
	note(install, result);
	if (install->opened)
		pack_close(&install->pack);
	if (result != INSTALL_DONE && install->staging[0])
		tree_remove(install->staging);
	tree_remove(install->scratch);
	free(install);
	return result;
}

// Rollback -----------------------------------------------------------------------------------------------------------------------

static bool has_version(const struct store_set *set, const char *version)
{
	const char *at = strchr(version, '@');
	for (unsigned i = 0; i < set->count; i++) {
		const struct store_pack *pack = &set->packs[i];
		bool name = !at || (strlen(pack->name) == (size_t)(at - version) &&
					   strncmp(pack->name, version, (size_t)(at - version)) == 0);
		if (name && strcmp(pack->version, at ? at + 1 : version) == 0)
			return true;
	}
	return false;
}

// The set that is meant; 0: none.
static unsigned find_set(
	const struct pack_store *store, const char *version, unsigned current, struct pack_error *error)
{
	unsigned numbers[STORE_SETS_MAX], count = pack_store_sets(store, numbers);
	char *end;
	struct store_set set;
	unsigned long wanted = version ? strtoul(version, &end, 10) : 0;
	bool number = version && *version >= '0' && *version <= '9' && !*end;
	for (unsigned i = count; i-- > 0;)
		if (number ? numbers[i] == wanted : !version && numbers[i] < current)
			return numbers[i];
	for (unsigned i = count; version && i-- > 0;)
		if (numbers[i] != current && pack_store_read_set(store, numbers[i], &set, error) &&
			has_version(&set, version))
			return numbers[i];
	if (version)
		pack_fail(error,
			"%s: no set that is kept has that number or a pack of that version (sekisho rules history)",
			version);
	else
		pack_fail(error, "there is no earlier set to go back to");
	return 0;
}

bool install_rollback(
	const struct pack_store *store, const char *version, struct store_set *set, struct pack_error *error)
{
	struct store_set current;
	struct pack_error ignored;
	if (!audit_ready(store, error) || !pack_store_read_set(store, 0, &current, error))
		return false;
	unsigned to = find_set(store, version, current.number, error);
	bool good = to && (to != current.number || pack_fail(error, "set %u is the current one", to)) &&
		    pack_store_read_set(store, to, set, error) && pack_store_switch(store, to, error);
	struct audit_entry entry = {
		.action = "rollback",
		.source = version,
		.from_set = current.number,
		.to_set = good ? to : current.number,
		.from_version = current.count == 1 ? current.packs[0].version : "",
		.to_version = good && set->count == 1 ? set->packs[0].version : "",
		.sha256 = good && set->count == 1 ? set->packs[0].sha256 : "",
		.result = good ? "done" : error->text,
	};
	if (!audit_write(store, &entry, &ignored))
		log_error("%s", ignored.text);
	return good;
}
