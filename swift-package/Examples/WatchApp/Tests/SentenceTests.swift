import Backhaul
import Testing

@testable import WatchAppModel

/// Each reason to wait in one short sentence.
struct SentenceTests {
    @Test(arguments: WaitReason.allCases) func everyReasonIsOneShortSentence(_ reason: WaitReason) {
        // rules P1, E1
        let sentence = reason.sentence
        #expect(sentence.count <= 42, "it fits into two lines of a small watch")
        #expect(sentence.first?.isUppercase == true && sentence.last == ".")
        #expect(sentence.filter { $0 == "." }.count == 1)
    }

    @Test func noTwoReasonsReadTheSame() {
        // rule P1
        #expect(Set(WaitReason.allCases.map(\.sentence)).count == WaitReason.allCases.count)
    }
}
