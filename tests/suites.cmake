# Tests that are not one cmocka program: lint, replay, conformance, fuzz smoke runs, Kafka, live capture.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(tests_dir ${CMAKE_CURRENT_SOURCE_DIR})

foreach(name ${unit_tests})
	set_tests_properties(${name} PROPERTIES LABELS unit)
endforeach()

add_test(NAME lint COMMAND ${Python3_EXECUTABLE} ${tests_dir}/lint/lint.py ${CMAKE_SOURCE_DIR})
set_tests_properties(lint PROPERTIES LABELS lint SKIP_RETURN_CODE 77 TIMEOUT 300)
# A table that a program of the tree made is what it makes.
add_test(NAME a_labels_table COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/signatures/reputation/a_labels_table.py --check)
set_tests_properties(a_labels_table PROPERTIES LABELS lint SKIP_RETURN_CODE 77 TIMEOUT 300)

if(TARGET sekisho)
	# A folder a case: capture (or a link to one in pcaps/), rules, expected events.
	file(GLOB cases CONFIGURE_DEPENDS ${tests_dir}/replay/*/case.yaml)
	foreach(case ${cases})
		get_filename_component(folder ${case} DIRECTORY)
		get_filename_component(name ${folder} NAME)
		add_test(NAME replay.${name} COMMAND ${Python3_EXECUTABLE} ${tests_dir}/replay/replay.py --sensor $<TARGET_FILE:sekisho> ${folder})
		set_tests_properties(replay.${name} PROPERTIES LABELS replay SKIP_RETURN_CODE 77 TIMEOUT 300)
	endforeach()
	if(NOT SEKISHO_SANITIZE)
		add_test(NAME conformance COMMAND ${Python3_EXECUTABLE} ${tests_dir}/conformance/conformance.py --sensor $<TARGET_FILE:sekisho>)
		set_tests_properties(conformance PROPERTIES LABELS conformance SKIP_RETURN_CODE 77 TIMEOUT 900 RUN_SERIAL ON)
	endif()
	file(GLOB scripts CONFIGURE_DEPENDS ${tests_dir}/system/*_test.py)
	foreach(script ${scripts})
		get_filename_component(name ${script} NAME_WE)
		add_test(NAME system.${name} COMMAND ${Python3_EXECUTABLE} ${script} --sensor $<TARGET_FILE:sekisho> --build ${CMAKE_BINARY_DIR})
		set_tests_properties(system.${name} PROPERTIES LABELS system SKIP_RETURN_CODE 77 TIMEOUT 600)
	endforeach()
	add_test(NAME captures.reputation COMMAND ${Python3_EXECUTABLE} ${tests_dir}/captures/reputation.py --sensor $<TARGET_FILE:sekisho>)
	set_tests_properties(captures.reputation PROPERTIES LABELS captures SKIP_RETURN_CODE 77 TIMEOUT 600)
	add_test(NAME captures.findings COMMAND ${Python3_EXECUTABLE} ${tests_dir}/captures/findings.py --sensor $<TARGET_FILE:sekisho>)
	set_tests_properties(captures.findings PROPERTIES LABELS captures SKIP_RETURN_CODE 77 TIMEOUT 1200)
	add_test(NAME kafka COMMAND ${Python3_EXECUTABLE} ${tests_dir}/kafka/kafka_test.py --sensor $<TARGET_FILE:sekisho> --build ${CMAKE_BINARY_DIR})
	set_tests_properties(kafka PROPERTIES LABELS kafka SKIP_RETURN_CODE 77 TIMEOUT 300)
	# The proof that no capture makes the sensor misbehave: it is run in the sanitizer build too.
	set_tests_properties(system.captures_test PROPERTIES LABELS "system;captures")
endif()

# Kafka: a mock cluster in a process of its own, and a program that sends through our sink.
add_executable(kafka_mock support/kafka/mock_cluster.c)
target_link_libraries(kafka_mock PRIVATE PkgConfig::KAFKA)
add_executable(kafka_send support/kafka/kafka_send.c)
target_link_libraries(kafka_send PRIVATE export)

if(SEKISHO_FUZZ)
	# Inputs found before are kept in the build folder; fuzz/seeds/NAME and what our captures have are the ones to begin with. One seed for
	# the random numbers: a change is judged by the same inputs everywhere; looking for new ones is what fuzz/campaign is for.
	set(captured ${CMAKE_BINARY_DIR}/captured)
	add_test(NAME fuzz.corpus COMMAND ${tests_dir}/fuzz/corpus --sensor $<TARGET_FILE:sekisho> --out ${captured} ${CMAKE_SOURCE_DIR}/pcaps)
	set_tests_properties(fuzz.corpus PROPERTIES LABELS fuzz TIMEOUT 120 FIXTURES_SETUP captured)
	foreach(name ${fuzz_targets})
		file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/corpus/${name} ${captured}/${name})
		set(seeds ${captured}/${name})
		if(EXISTS ${tests_dir}/fuzz/seeds/${name})
			list(APPEND seeds ${tests_dir}/fuzz/seeds/${name})
		endif()
		add_test(NAME fuzz.${name} COMMAND ${name} -seed=1 -max_total_time=5 -rss_limit_mb=2048 -timeout=10 -print_final_stats=0 -verbosity=0
			${CMAKE_BINARY_DIR}/corpus/${name} ${seeds})
		set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120 FIXTURES_REQUIRED captured)
	endforeach()
endif()

# What things cost: built when asked for, run by hand (bench/README.md).
add_executable(bench_reputation EXCLUDE_FROM_ALL bench/reputation.c)
target_link_libraries(bench_reputation PRIVATE signatures)
add_executable(bench_sightings EXCLUDE_FROM_ALL bench/sightings.c)
target_link_libraries(bench_sightings PRIVATE sensor)
