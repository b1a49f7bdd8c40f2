#!/bin/sh
# install.sh LOCK: the pinned packages and this one into $VENV, made with $PYTHON.
#
# Killed at work, it leaves $VENV.unfinished, and heals when called again: pip takes a package that it half unpacked
# for installed. An environment that was new is then made anew; in any other, whose packages are not ours to remove,
# every package of the lock is unpacked again over what lies there. The mark is beside the folder, which is emptied
# piece by piece, and names it by its inode: a folder that was put there since is not ours either.
set -eu
lock=$1
mark=$VENV.unfinished
PATH=${PATH#"$PWD/$VENV/bin:"} # the Makefile puts it first; the environment is no Python to make itself with

"$PYTHON" -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else
  f"Python 3.11 to 3.13 is needed, found {v[0]}.{v[1]}: make PYTHON=python3.12 ...")'

state=old
test -e "$VENV" || state=new
mkdir -p "$VENV"
inode=$(ls -di "$VENV" | awk '{print $1}')
clear=
again=
if test -e "$mark"; then
  echo "The last installation was interrupted: it is done again."
  if test "$(cat "$mark")" = "new $inode"; then
    state=new
    clear=--clear
  else
    again=--ignore-installed
  fi
fi
echo "$state $inode" > "$mark.draft"
mv "$mark.draft" "$mark" # whole or not at all

"$PYTHON" -m venv $clear "$VENV"
"$VENV/bin/python" -m pip install --quiet --no-compile $again --require-hashes -r "$lock"
"$VENV/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
# Bytecode is compiled here, once: without it every start of a step pays seconds.
"$VENV/bin/python" -m compileall -q -j 0 "$VENV/lib" || true
rm "$mark"
