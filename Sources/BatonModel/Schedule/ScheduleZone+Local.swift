/// From the local clock to instants. All numbers are whole seconds since 1970-01-01T00:00, on the local clock or in UTC.
///
/// No zone is further from Greenwich than 14 hours, and none changes its clock twice within two days.
extension ScheduleZone {
    /// The instant at which the clock shows a time: the first of two where it is set back, and the instant of the change where it
    /// is put forward past that time.
    ///
    /// Later local times never give earlier instants.
    func instant(of local: Int) -> Int {
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        if before == after { return local - before }
        if offset(at: local - before) == before { return local - before }
        if offset(at: local - after) == after { return local - after }
        return change(between: local - after, local - before)
    }

    /// The first local time that is not yet over, in the sense of `instant(of:)`, after an instant.
    ///
    /// Where the clock shows an hour for the second time, that is the hour's end.
    func firstLocal(after instant: Int) -> Int {
        let local = instant + offset(at: instant)
        let earlier = self.instant(of: local)
        guard earlier < instant else { return local + 1 }
        let before = offset(at: earlier)
        guard before > offset(at: instant) else { return local + 1 }
        return max(local + 1, change(between: earlier, instant) + before)
    }

    /// The first instant with another offset than the first one has.
    private func change(between early: Int, _ late: Int) -> Int {
        let before = offset(at: early)
        var (low, high) = (early, late)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }
}
