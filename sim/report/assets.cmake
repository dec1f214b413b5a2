# SPDX-License-Identifier: Apache-2.0
#
# Writes the C source of asset.h: cmake -DFOLDER=sim/report -DOUTPUT=FILE.c -P assets.cmake
file(GLOB_RECURSE names RELATIVE ${FOLDER} ${FOLDER}/*.css ${FOLDER}/*.js ${FOLDER}/LICENSE)
list(SORT names)
set(arrays "")
set(rows "")
set(number 0)
foreach(name ${names})
  file(READ ${FOLDER}/${name} digits HEX)
  file(SHA256 ${FOLDER}/${name} sha256)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${digits}")
  string(APPEND arrays "static const unsigned char bytes_${number}[] = { ${bytes} };\n")
  string(APPEND rows "    { \"${name}\", bytes_${number}, sizeof bytes_${number}, \"${sha256}\" },\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include \"report/asset.h\"\n\n${arrays}\nconst struct asset assets[] = {\n${rows}};\n"
     "const size_t asset_count = sizeof assets / sizeof assets[0];\n")
