# Writes OUT: a C file with one byte array for each of FILES and a NULL-ended table SYMBOL of them.
set(arrays "")
set(rows "")
set(number 0)
foreach(file IN LISTS FILES)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    get_filename_component(name ${file} NAME)
    string(APPEND arrays "static const char text_${number}[] = {${bytes}0x00};\n")
    string(APPEND rows "    {\"${name}\", text_${number}},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "/* Made by cmake/embed.cmake. */
struct embedded_file {
    const char *name;
    const char *text;
};
${arrays}
extern const struct embedded_file ${SYMBOL}[];
const struct embedded_file ${SYMBOL}[] = {
${rows}    {0, 0},
};
")
