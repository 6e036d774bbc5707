// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules keygen FILE`, `sekisho rules sign FOLDER --key FILE`, `sekisho rules recipe RECIPE CAPTURE`: for who makes packs.
#include <stdlib.h>
#include "decoders/base/log.h"
#include "sensor/packs/pack.h"
#include "sensor/packs/recipe.h"
#include "sensor/packs/signing.h"
#include "sensor/rules/verbs.h"

static int run_keygen(int argc, char **argv)
{
	struct verb_line line;
	struct pack_error error;
	char key[KEY_TEXT_SIZE];
	int result;
	if (!verb_parse(&line, &rules_keygen, NULL, argc, argv, &result))
		return result;
	if (line.count != 1) {
		log_error("rules keygen: give the file for the private key");
		return VERB_BAD;
	}
	if (!signing_make_key(line.arguments[0], key, &error)) {
		log_error("%s", error.text);
		return VERB_FOUND;
	}
	printf("%s is the private key: whoever has it signs in your name\n%s.pub is the public one; for the sensors' "
	       "configuration:\n"
	       "rules:\n  trusted-keys:\n    - %s\n",
		line.arguments[0], line.arguments[0], key);
	return VERB_DONE;
}

static int run_sign(int argc, char **argv)
{
	const char *key_file = NULL;
	const struct verb_option own[] = { { "key", NULL, &key_file, "FILE with the private key, from keygen" },
		{ 0 } };
	struct verb_line line;
	struct pack_error error;
	struct pack pack;
	char key[KEY_TEXT_SIZE];
	int result;
	if (!verb_parse(&line, &rules_sign, own, argc, argv, &result))
		return result;
	if (line.count != 1 || !key_file) {
		log_error("rules sign: give the pack's folder and --key FILE");
		return VERB_BAD;
	}
	if (!pack_open(&pack, line.arguments[0], NULL, &error)) {
		log_error("%s", error.text);
		return VERB_FOUND;
	}
	bool good = signing_sign(pack.root, key_file, key, &error);
	if (good)
		printf("%s %s is signed with %s\n", pack.name, pack.version, key);
	else
		log_error("%s", error.text);
	pack_close(&pack);
	return good ? VERB_DONE : VERB_FOUND;
}

static bool write_recipe(const char *from, const char *to, uint32_t *packets, struct pack_error *error)
{
	struct yaml_tree tree;
	struct capture_writer *writer = malloc(sizeof(*writer));
	char *bytes = NULL;
	size_t len;
	if (!writer)
		return pack_fail(error, "no memory");
	capture_writer_init(writer);
	bool good =
		file_read(from, YAML_BYTES_MAX, &bytes, &len, error) && yaml_tree_read(&tree, from, bytes, len, error);
	if (good) {
		good = recipe_write(&tree, tree.root, writer) &&
		       file_write(to, writer->bytes, writer->len, 0644, error);
		yaml_tree_free(&tree);
	}
	*packets = writer->packets;
	capture_writer_fini(writer);
	free(writer);
	free(bytes);
	return good;
}

static int run_recipe(int argc, char **argv)
{
	struct verb_line line;
	struct pack_error error;
	uint32_t packets = 0;
	int result;
	if (!verb_parse(&line, &rules_recipe, NULL, argc, argv, &result))
		return result;
	if (line.count != 2) {
		log_error("rules recipe: give the recipe and the capture file to make");
		return VERB_BAD;
	}
	if (!write_recipe(line.arguments[0], line.arguments[1], &packets, &error)) {
		log_error("%s", error.text);
		return VERB_FOUND;
	}
	printf("%s: %u packets\n", line.arguments[1], packets);
	return VERB_DONE;
}

const struct verb rules_keygen = { &rules_tool, "keygen", "FILE", "makes a key to sign packs with", run_keygen };
const struct verb rules_sign = { &rules_tool, "sign", "FOLDER --key FILE", "signs a pack", run_sign };
const struct verb rules_recipe = { &rules_tool, "recipe", "RECIPE CAPTURE",
	"makes the capture a pack's recipe describes", run_recipe };
