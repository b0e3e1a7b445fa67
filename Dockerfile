# kinerja in an image of its own: one static file, no shell, not root.
FROM golang:1.26-bookworm AS build
ARG VERSION=unknown
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /kinerja ./cmd/kinerja

# It brings the certificates that talking to Telegram needs; the time zones are inside the program.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /kinerja /kinerja
EXPOSE 8443
ENTRYPOINT ["/kinerja"]
CMD ["serve"]
