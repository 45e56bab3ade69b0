/// The days of one month as bits 1 to 31, for finding those that a rule names without walking through them.
struct MonthDays: Sendable {
    let year: Int
    let month: Int
    /// How many days the month has.
    let count: Int
    private let first: Weekday

    init(year: Int, month: Int) {
        self.year = year
        self.month = month
        count = CivilDate.days(inMonth: month, of: year)
        first = CivilDate(year: year, month: month, day: 1).weekday
    }

    var all: UInt32 { (UInt32.max >> UInt32(31 - count)) & ~1 }

    func day(_ number: Int) -> UInt32 { 1 << UInt32(number) }

    func firstDay(_ weekday: Weekday) -> Int { 1 + (weekday.rawValue - first.rawValue + 7) % 7 }

    /// None where the month has no such day.
    func nth(_ number: Int, _ weekday: Weekday) -> UInt32 { day(firstDay(weekday) + 7 * (number - 1)) & all }

    func last(_ weekday: Weekday) -> UInt32 {
        let early = firstDay(weekday)
        return day(early + (count - early) / 7 * 7)
    }

    func all(_ weekday: Weekday) -> UInt32 { (0x1020_4081 << UInt32(firstDay(weekday))) & all }

    /// From Monday to Friday, nearest to a day and in the same month. None where the month has no such day.
    func workday(nearest number: Int) -> UInt32 {
        guard number <= count else { return 0 }
        switch weekday(number) {
        case .saturday: return day(number > 1 ? number - 1 : number + 2)
        case .sunday: return day(number < count ? number + 1 : number - 2)
        default: return day(number)
        }
    }

    var lastWorkday: UInt32 {
        switch weekday(count) {
        case .saturday: day(count - 1)
        case .sunday: day(count - 2)
        default: day(count)
        }
    }

    private func weekday(_ number: Int) -> Weekday { Weekday.allCases[(first.rawValue + number - 1) % 7] }
}
