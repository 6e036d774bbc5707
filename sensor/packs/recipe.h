// SPDX-License-Identifier: GPL-3.0-or-later
// Recipe: a capture as a text: flows and what they carry. docs/rules.md has the format.
//
//   flows:
//     - tcp: 10.0.0.5:40000 > 192.0.2.1:80     # or udp:; ports may be left out, and the addresses be IPv6 in brackets
//       send:
//         - client: "GET / HTTP/1.1|0d 0a 0d 0a|"
//         - server: "..."
//     - http: 10.0.0.5 > 192.0.2.1
//       requests:
//         - { uri: /gate.php, method: POST, host: a.test, headers: { X: y }, body: "...", status: 200, answer: "..." }
//     - dns: 10.0.0.5 > 10.0.0.53
//       queries:
//         - { name: a.test, type: A, answers: [192.0.2.1], rcode: 0 }
//     - ping: 10.0.0.5 > 192.0.2.1
//       send: [{ client: "payload" }, { server: "payload" }]
//
// Texts are as in a rule's content: |0d 0a| is bytes in hex. A flow may say wait (seconds before it), repeat and every (seconds between
// repetitions, each from the next client port), and end (fin, rst or none).
#pragma once
#include "sensor/packs/capture_writer.h"
#include "sensor/files/yaml_tree.h"

// Writes what the recipe at node (a map with "flows", or the list itself) says. False with the reason in the tree's error.
bool recipe_write(const struct yaml_tree *tree, const struct yaml_node *node, struct capture_writer *writer);
