# What a task of the workload does, run by core.shell: it appends its attempt's id to the journal, works, and appends it again.
# CHAOS_FAILURES is the number of attempts that fail. One short write each, so that lines of many processes don't mix.
number=${BATON_ATTEMPT##*.}
echo "start $CHAOS_TOKEN ${BATON_ATTEMPT:--} $PPID $(date +%s%N)" >>"$CHAOS_JOURNAL"
sleep "$CHAOS_SECONDS"
if [ "${number:-$(grep -c "^start $CHAOS_TOKEN " "$CHAOS_JOURNAL")}" -le "$CHAOS_FAILURES" ]; then
    echo "meant to fail" >&2
    exit 7
fi
echo "end $CHAOS_TOKEN ${BATON_ATTEMPT:--} $PPID $(date +%s%N)" >>"$CHAOS_JOURNAL"
printf '%s' "${BATON_ATTEMPT:-}"
