import DICOM
import Report
import Testing

struct CodeTests {
    @Test func noCodeHasTwoMeaningsAndNoMeaningTwoCodes() {
        var meanings: [CodedConcept: String] = [:]
        for code in Code.allCases {
            let known = meanings.updateValue(code.concept.meaning, forKey: code.concept)
            #expect(known == nil, "\(code.concept) is in the table twice")
        }
        // Beam hardening is a reason of the scan (RSNBH) and the cause of an exclusion (EXBH): two sets of values.
        let privateCodes = Code.allCases.filter { $0.isPrivate && $0 != .excludedBeamHardening }
        #expect(Set(privateCodes.map(\.concept.meaning)).count == privateCodes.count)
    }

    @Test(arguments: Code.allCases)
    func aCodeFitsItsAttributes(code: Code) {
        // PS3.5 section 6.2: Code Value is SH (16), Coding Scheme Designator SH, Code Meaning LO (64).
        #expect((1...16).contains(code.concept.value.utf8.count))
        #expect((1...16).contains(code.concept.scheme.utf8.count))
        #expect((1...64).contains(code.concept.meaning.utf8.count))
        if code.isPrivate {
            #expect(code.concept.scheme == "99APATITE")
            #expect(code.concept.value.allSatisfy { $0.isUppercase || $0.isNumber })
        }
    }

    @Test func thePrivateSchemeIsNamedByAValidUID() {
        #expect(UID(validating: PrivateCodingScheme.uid) != nil)
    }
}
