/// What Swift sees of the platform's errors: a code, and a type that can be caught by it.
extension BGTaskScheduler {
    public struct Error: Swift.Error, Sendable, Equatable {
        public enum Code: Int, Sendable {
            case unavailable = 1
            case tooManyPendingTaskRequests = 2
            case notPermitted = 3

            /// `catch BGTaskScheduler.Error.notPermitted`.
            public static func ~= (code: Code, error: any Swift.Error) -> Bool {
                (error as? Error)?.code == code
            }
        }

        public let code: Code
        public static let unavailable = Code.unavailable
        public static let tooManyPendingTaskRequests = Code.tooManyPendingTaskRequests
        public static let notPermitted = Code.notPermitted
        public static let errorDomain = "BGTaskSchedulerErrorDomain"

        public init(_ code: Code) {
            self.code = code
        }
    }
}
