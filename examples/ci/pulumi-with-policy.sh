#!/bin/sh
# `pulumi`, always held to the policy pack: for CI with a self-managed backend, which can't require
# a pack as Pulumi Cloud does. Use it wherever a job would run `pulumi`.
#
#   POLICY_PACK          the pack's folder, with its requirements installed (`pulumi install`)
#   POLICY_PACK_CONFIG   a file with the pack's settings; may be left out
#
# All arguments and the exit code are pulumi's own. Without the pack, nothing is run.
set -eu

refuse() {
  echo "pulumi-with-policy: $1" >&2
  exit 1
}

[ -n "${POLICY_PACK:-}" ] || refuse "POLICY_PACK is not set: set it to the folder of the policy pack."
[ -f "$POLICY_PACK/PulumiPolicy.yaml" ] ||
  refuse "there is no policy pack in $POLICY_PACK: check the pack out, and set POLICY_PACK to its folder."
# Absolute, since `--cwd` changes the folder that relative paths start from.
pack=$(CDPATH='' cd -- "$POLICY_PACK" && pwd)
config=
if [ -n "${POLICY_PACK_CONFIG:-}" ]; then
  [ -f "$POLICY_PACK_CONFIG" ] ||
    refuse "there is no file $POLICY_PACK_CONFIG: set POLICY_PACK_CONFIG to the pack's settings, or unset it."
  case $POLICY_PACK_CONFIG in
    /*) config=$POLICY_PACK_CONFIG ;;
    *) config=$PWD/$POLICY_PACK_CONFIG ;;
  esac
fi
# pulumi splits the values of these flags at commas.
case $pack$config in
  *,*) refuse "a comma in a path would end it: move the pack and its settings to folders without one." ;;
esac
# pulumi takes any flag from the environment, too.
[ -z "${PULUMI_OPTION_POLICY_PACK_CONFIG+set}" ] ||
  refuse "PULUMI_OPTION_POLICY_PACK_CONFIG would replace the pack's settings: unset it."

# Each argument is moved from the front to the back, and the pack's flags go behind the command.
left=$#
command=
value=
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  set -- "$@" "$word"
  left=$((left - 1))
  case $word in
    --policy-pack-config | --policy-pack-config=*)
      # The first file is the first pack's, so this one could soften ours.
      refuse "the pack's settings come from POLICY_PACK_CONFIG: leave --policy-pack-config out."
      ;;
  esac
  [ -z "$command" ] || continue
  if [ -n "$value" ]; then
    value=
    continue
  fi
  # As pulumi itself looks for the command: behind a flag, unless it is a switch, stands its value.
  case $word in
    --) command=none ;;
    --*=* | --non-interactive | --emoji | --fully-qualify-stack-names | --logflow | --logtostderr | \
      --disable-integrity-checking | --help) ;;
    -e | -Q | -h) ;;
    --* | -?) value=next ;;
    -*) ;;
    *)
      command=$word
      case $command in
        preview | pre | up | update | watch)
          set -- "$@" --policy-pack "$pack"
          [ -z "$config" ] || set -- "$@" --policy-pack-config "$config"
          ;;
      esac
      ;;
  esac
done

exec pulumi "$@"
