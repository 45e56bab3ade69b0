// A misspelt upcoming feature is ignored silently; this makes it an error.
#if !hasFeature(ExistentialAny) || !hasFeature(InternalImportsByDefault) || !hasFeature(NonisolatedNonsendingByDefault)
#error("an upcoming feature named in Package.swift is not enabled")
#endif
