package explain

// fileSignatures are what programs say of the files they are given: certificates, keys and key stores.
func fileSignatures() []signature {
	return []signature{
		{exact, "", "ENOENT", "\\benoent\\b|no such file or directory|cannot find the (?:file|path) specified|filenotfoundexception|fopen:no such file|system library[^\\n]{0,30}no such file|file not found\\b|nosuchfileexception", []cause{
			is("file-missing", "A file that was named is not there."),
		}, nil},
		{exact, "", "EACCES", "(?:fopen|open|file|key|cert|pem|crt)[^\\n]{0,80}permission denied|permission denied[^\\n]{0,80}\\.(?:pem|crt|key|cer|p12|pfx)|\\beacces\\b|accessdeniedexception|access is denied|bio routines[^\\n]{0,30}system lib|ssl routines[^\\n]{0,40}:system lib", []cause{
			is("file-unreadable", "The program may not read a file that was named."),
		}, nil},
		{exact, "", "", "no start line[^\\n]{0,60}expecting: (?:any )?private key", []cause{
			is("file-wrong-content", "The file that should hold the private key holds something else."),
			could("file-encoding", "Or its first line is damaged."),
		}, nil},
		{exact, "", "", "no start line|err ossl pem no start line|no certificate block|could not find certificate|unable to find certificate in pem", []cause{
			may("file-wrong-format", "No PEM block was found where one is expected: the file may be DER, PKCS #12 or a web page."),
			may("file-wrong-content", "Or it holds another kind of block, such as a key where the certificate belongs."),
			could("file-encoding", "Or its first line is damaged, or the text is UTF-16."),
			could("file-empty", "Or it is empty."),
		}, nil},
		{exact, "", "", "bad end line|bad base64 decode|err ossl pem bad|illegal base64|invalid base64|malformed pem|pem_read_bio\\w*:bad|short header|bad magic number", []cause{
			is("file-encoding", "The text of a PEM file is damaged."),
		}, nil},
		{exact, "", "", "asn1[^\\n]{0,40}(?:wrong tag|header too long|not enough data|nested asn1|too long|bad object header)|err ossl asn1|wrong asn1|asn1_check_tlen|asn1_get_object", []cause{
			may("file-wrong-format", "The contents of a certificate or key file are not what its form promises."),
			may("file-encoding", "Or they are damaged."),
		}, nil},
		{exact, "", "", "decoder routines[^\\n]{0,20}unsupported|err ossl unsupported|1e08010c|unable to load (?:private )?key|no private key (?:value|found)|could not read private key", []cause{
			may("file-wrong-content", "The file that should hold the private key holds something else."),
			may("key-unsupported", "Or the key is of a kind that this program does not know."),
			could("key-encrypted", "Or it is encrypted."),
		}, nil},
		{exact, "", "", "bad decrypt|err ossl (?:evp )?bad decrypt|mac verify (?:failure|error)|invalid password\\??|wrong password|incorrect (?:password|passphrase)|maybe wrong password|password (?:is|was) (?:incorrect|wrong)|pkcs12 parse error", []cause{
			may("passphrase-wrong", "The passphrase does not open the key."),
			may("key-encrypted", "Node says the same when the key is encrypted and no passphrase was given."),
		}, nil},
		{exact, "", "", "bad password read|problems getting password|ui routines[^\\n]{0,20}processing error|enter pass ?phrase|enter pem pass|passphrase (?:required|is required|needed)|missing passphrase|err missing passphrase|private key is (?:encrypted|password)|interrupted or cancelled|key is encrypted", []cause{
			is("key-encrypted", "The private key is encrypted, and no passphrase was given."),
		}, nil},
		{exact, "", "", "digital envelope routines[^\\n]{0,20}unsupported|rc2-40-cbc|inner_evp_generic_fetch:unsupported", []cause{
			may("file-wrong-format", "The PKCS #12 or key file is encrypted in an old way that this OpenSSL does not read without its legacy provider."),
		}, nil},
		{exact, "", "", "unsupported key (?:type|format)|unknown key type|unsupported (?:private )?key algorithm|openssh private key", []cause{is("key-unsupported", "The key is of a kind or in a form that this program does not read.")}, nil},
		{coarse, "", "", "(?:read|load|open)(?:ing)? (?:the )?(?:(?:ca|client|server|private|cert|certificate|key|cacert) ?){0,2}file \\S+ failed|failed (?:to )?(?:read|load|open)(?:ing)? (?:the )?(?:ca ?file|ca ?cert|cert|key ?file|client cert|private key)|filename cannot be empty", []cause{
			may("file-missing", "A file that was named is not there, or none was named."),
			may("file-unreadable", "Or the program may not read it."),
			could("file-wrong-format", "Or it is not PEM."),
		}, nil},
		{exact, "", "", "certificate file is empty|file is empty|empty (?:pem|certificate|ca) file", []cause{is("file-empty", "The file is empty.")}, nil},
	}
}
