// SPDX-License-Identifier: GPL-3.0-or-later
// A recipe's HTTP request and answer (RFC 9112). What is not said is left as a plain client and server would have it; a header given by the recipe
// replaces theirs.
#include "sensor/packs/recipe_text.h"

static bool has_header(const struct yaml_node *headers, const char *name)
{
	for (const struct yaml_node *node = headers ? headers->first : NULL; node; node = node->next)
		if (strcasecmp(node->key, name) == 0)
			return true;
	return false;
}

static bool add_headers(struct recipe_text *out, const struct yaml_tree *tree, const struct yaml_node *headers)
{
	if (headers && headers->kind != YAML_NODE_MAP)
		return yaml_fail(tree, headers, "expected \"Name: value\" lines");
	for (const struct yaml_node *node = headers ? headers->first : NULL; node; node = node->next) {
		recipe_text_print(out, "%s: ", node->key);
		if (!recipe_text_add_escaped(out, tree, node))
			return false;
		recipe_text_add(out, "\r\n", 2);
	}
	return true;
}

static bool add_body(struct recipe_text *out, const struct yaml_tree *tree, const struct yaml_node *headers,
	const struct yaml_node *body, bool always)
{
	struct recipe_text bytes = { 0 };
	bool good = !body || recipe_text_add_escaped(&bytes, tree, body);
	if (good && (body || always) && !has_header(headers, "Content-Length") &&
		!has_header(headers, "Transfer-Encoding"))
		recipe_text_print(out, "Content-Length: %zu\r\n", bytes.len);
	recipe_text_add(out, "\r\n", 2);
	recipe_text_add(out, bytes.bytes, bytes.len);
	recipe_text_fini(&bytes);
	return good;
}

bool recipe_http(
	const struct yaml_tree *tree, const struct yaml_node *item, const char *server, struct recipe_text sides[2])
{
	static const char *const keys[] = { "method", "uri", "host", "user-agent", "headers", "body", "status",
		"reason", "answer-headers", "answer", "version", NULL };
	const char *method = NULL, *host = server, *agent = "Mozilla/5.0", *reason = NULL, *version = "1.1";
	uint64_t status = 200;
	if (!yaml_only(tree, item, keys) || !yaml_text(tree, item, "method", &method) ||
		!yaml_text(tree, item, "host", &host) || !yaml_text(tree, item, "user-agent", &agent) ||
		!yaml_text(tree, item, "reason", &reason) || !yaml_text(tree, item, "version", &version) ||
		!yaml_number(tree, item, "status", 0, 999, &status))
		return false;
	const struct yaml_node *headers = yaml_get(item, "headers"), *uri = yaml_get(item, "uri");
	const struct yaml_node *body = yaml_get(item, "body"), *answer_headers = yaml_get(item, "answer-headers");
	recipe_text_print(&sides[0], "%s ", method ? method : body ? "POST" : "GET");
	if (uri && !recipe_text_add_escaped(&sides[0], tree, uri))
		return false;
	recipe_text_print(&sides[0], "%s HTTP/%s\r\n", uri ? "" : "/", version);
	if (!has_header(headers, "Host") && *host)
		recipe_text_print(&sides[0], "Host: %s\r\n", host);
	if (!has_header(headers, "User-Agent") && *agent)
		recipe_text_print(&sides[0], "User-Agent: %s\r\n", agent);
	if (!add_headers(&sides[0], tree, headers) || !add_body(&sides[0], tree, headers, body, false))
		return false;
	if (status == 0) // no answer
		return true;
	recipe_text_print(&sides[1], "HTTP/%s %u %s\r\n", version, (unsigned)status,
		reason          ? reason
		: status == 200 ? "OK"
		: status == 404 ? "Not Found"
				: "Answer");
	return add_headers(&sides[1], tree, answer_headers) &&
	       add_body(&sides[1], tree, answer_headers, yaml_get(item, "answer"), true);
}
