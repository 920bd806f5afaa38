"""One module a document: its data, its checks, and its page, in the words of the form that officers know."""
